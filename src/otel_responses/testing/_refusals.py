"""What the API refuses, and how it says so."""

from __future__ import annotations

from otel_responses.testing._errors import error_body
from otel_responses.testing._received import ReceivedRequest
from otel_responses.testing._reply import Reply
from otel_responses.testing._wire import JsonObject

__all__ = ["error", "refused", "refused_body", "unknown_response"]

NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY)."
)
# `input` may be anything: Helicone's page passes an object.
TYPES: dict[str, tuple[type, str]] = {
    "background": (bool, "a boolean"),
    "include": (list, "an array"),
    "max_output_tokens": (int, "an integer"),
    "model": (str, "a string"),
    "parallel_tool_calls": (bool, "a boolean"),
    "previous_response_id": (str, "a string"),
    "prompt": (dict, "an object"),
    "reasoning": (dict, "an object"),
    "store": (bool, "a boolean"),
    "stream": (bool, "a boolean"),
    "text": (dict, "an object"),
    "tools": (list, "an array"),
}


def error(status: int, message: str | None = None, *, code: str | None = None, param: str | None = None) -> Reply:
    return Reply.json(error_body(status, message=message, code=code, param=param), status=status)


def unknown_response(response_id: str) -> Reply:
    return error(404, f"Response with id '{response_id}' not found.")


def refused(received: ReceivedRequest) -> Reply | None:
    """What is wrong before any endpoint looks at the request: no key, or a body that is no JSON."""
    if not received.headers.get("authorization") and not received.headers.get("api-key"):
        body = error_body(401, message=NO_KEY)
        # The usual code is for a wrong key.
        body["error"]["code"] = None
        return Reply.json(body, status=401)
    return error(400) if received.body and received.json is None else None


def refused_body(body: JsonObject) -> Reply | None:
    """What is wrong with the body of a create: empty, of a wrong type, without a model."""
    if not body:
        return error(400)
    for name, (kind, expected) in TYPES.items():
        value = body.get(name)
        if value is not None and not isinstance(value, kind):
            message = f"Invalid type for '{name}': expected {expected}, but got something else instead."
            return error(400, message, code="invalid_type", param=name)
    if not body.get("model") and not body.get("prompt"):
        message = "Missing required parameter: 'model'."
        return error(400, message, code="missing_required_parameter", param="model")
    return None
