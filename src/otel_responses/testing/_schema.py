"""A value that fits a JSON schema: what the fake model writes as structured output and as arguments of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from otel_responses.testing._wire import as_list, as_object

__all__ = ["example"]

Schema = Mapping[str, Any]

# Deep enough for real schemas; a schema that refers to itself stops here.
DEPTH_MAX = 12
ITEMS_MAX = 100
FIXED = ("const", "default")
CHOICES = ("anyOf", "oneOf", "allOf")
NAMED: dict[str, str] = {
    "city": "Boston",
    "country": "France",
    "date": "2026-11-22",
    "email": "ada@example.com",
    "location": "Boston, MA",
    "name": "Ada",
    "unit": "celsius",
}


def example(schema: object, *, name: str = "") -> Any:
    """A value that `schema` allows; strings are chosen by the property's name."""
    return _example(schema, name, as_object(schema), 0)


def _example(value: object, name: str, root: Schema, depth: int) -> Any:
    schema = as_object(value)
    if not schema or depth > DEPTH_MAX:
        return None
    for key in FIXED:
        if key in schema:
            return schema[key]
    if values := as_list(schema.get("enum")):
        return values[0]
    if "$ref" in schema:
        return _example(_resolve(str(schema["$ref"]), root), name, root, depth + 1)
    for key in CHOICES:
        if choices := as_list(schema.get(key)):
            return _example(choices[0], name, root, depth + 1)
    return KINDS.get(_kind(schema), _nothing)(schema, name, root, depth)


def _kind(schema: Schema) -> str:
    given = schema.get("type", "object" if "properties" in schema else "string")
    return str([*as_list(given), given][0])


def _resolve(reference: str, root: Schema) -> object:
    """What a reference inside the same document points to: `#/$defs/Person`, or `#` for all of it."""
    value: object = root
    for key in filter(None, reference.removeprefix("#").split("/")):
        value = as_object(value).get(key)
    return value


def _object(schema: Schema, name: str, root: Schema, depth: int) -> dict[str, Any]:
    properties = as_object(schema.get("properties"))
    return {key: _example(value, key, root, depth + 1) for key, value in properties.items()}


def _array(schema: Schema, name: str, root: Schema, depth: int) -> list[Any]:
    least = schema.get("minItems")
    count = min(max(1, least), ITEMS_MAX) if isinstance(least, int) else 1
    return [_example(schema.get("items", {"type": "string"}), name, root, depth + 1)] * count


def _string(schema: Schema, name: str, root: Schema, depth: int) -> str:
    return NAMED.get(name, name or "text")


def _number(schema: Schema, name: str, root: Schema, depth: int) -> Any:
    return schema.get("minimum", 30)


def _boolean(schema: Schema, name: str, root: Schema, depth: int) -> bool:
    return True


def _nothing(schema: Schema, name: str, root: Schema, depth: int) -> None:
    return None


KINDS: dict[str, Callable[[Schema, str, Schema, int], Any]] = {
    "array": _array,
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "object": _object,
    "string": _string,
}
