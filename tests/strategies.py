"""What may come over the wire: realistic replies and event streams, and whatever else JSON or an SDK model can hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import settings, strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = [
    "Raising",
    "as_model",
    "bodies",
    "event_sequences",
    "events",
    "items",
    "junk",
    "mangled",
    "patiently",
    "responses",
    "texts",
    "usages",
    "valid_streams",
]

Wire = dict[str, Any]

# The machine may be slow; nothing fails on a time. The profile of `make mutate` has settings of its own.
patiently = (
    settings() if settings.get_current_profile_name() == "mutation" else settings(max_examples=150, deadline=None)
)

FIELDS = (
    "code",
    "content",
    "conversation",
    "error",
    "execution",
    "format",
    "id",
    "incomplete_details",
    "input_tokens",
    "input_tokens_details",
    "model",
    "name",
    "output",
    "reason",
    "response",
    "status",
    "text",
    "type",
    "usage",
)


class Raising:
    """A model whose fields are properties that raise."""

    def __getattr__(self, name: str) -> Any:
        raise (RuntimeError if name in FIELDS else AttributeError)(name)


def texts() -> SearchStrategy[str]:
    """Any text Python can hold, lone surrogates and control characters included."""
    return st.text(st.characters(exclude_categories=()), max_size=20)


def scalars() -> SearchStrategy[Any]:
    strange = (2**63, -(2**63) - 1, 10**400, math.nan, math.inf, "\ud800", "", "x" * 2_000)
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        texts(),
        st.binary(max_size=8),
        st.sampled_from(strange),
        st.builds(Raising),
        st.builds(object),
    )


def junk() -> SearchStrategy[Any]:
    """Anything: wrong types everywhere, nested, as dictionaries and as models."""
    keys = st.one_of(st.sampled_from(FIELDS), texts())

    def nested(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
        objects = st.dictionaries(keys, inner, max_size=4)
        return st.one_of(st.lists(inner, max_size=4), objects, objects.map(as_model))

    return st.recursive(scalars(), nested, max_leaves=12)


def as_model(value: Any) -> Any:
    """The same data with attributes in place of keys, as the SDK's models have them."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: as_model(item) for key, item in value.items()})
    if isinstance(value, list):
        return [as_model(item) for item in value]
    return value


@st.composite
def mangled(draw: st.DrawFn, base: SearchStrategy[Any]) -> Any:
    """`base` with some of its values replaced by junk, or left out, or as models in place of dictionaries."""
    return _mangle(draw, draw(base))


def _mangle(draw: st.DrawFn, value: Any) -> Any:
    fate = draw(st.integers(0, 12))
    if fate == 0:
        return draw(junk())
    if isinstance(value, dict):
        kept = {key: _mangle(draw, item) for key, item in value.items() if draw(st.integers(0, 12))}
        return as_model(kept) if fate == 1 else kept
    if isinstance(value, list):
        return [_mangle(draw, item) for item in value]
    return value


def _ids(prefix: str) -> SearchStrategy[str]:
    return st.integers(1, 999).map(lambda number: f"{prefix}_{number}")


def items() -> SearchStrategy[Wire]:
    """Output items of the types that matter to us, and of one that nobody knows."""
    call = {"id": _ids("fc"), "call_id": _ids("call"), "name": st.just("weather"), "arguments": st.just("{}")}
    part = st.fixed_dictionaries({"type": st.just("output_text"), "text": texts(), "annotations": st.just([])})
    plain = ("reasoning", "web_search_call", "file_search_call", "compaction", "mcp_call", "an_item_of_tomorrow")
    return st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("message"),
                "id": _ids("msg"),
                "role": st.just("assistant"),
                "content": st.lists(part, max_size=2),
            }
        ),
        st.fixed_dictionaries({"type": st.sampled_from(("function_call", "custom_tool_call")), **call}),
        st.fixed_dictionaries(
            {"type": st.just("tool_search_call"), "execution": st.sampled_from(("client", "server"))}
        ),
        st.fixed_dictionaries({"type": st.sampled_from(plain), "id": _ids("item")}),
    )


def usages() -> SearchStrategy[Wire]:
    counts = st.integers(0, 10**6)
    return st.fixed_dictionaries(
        {
            "input_tokens": counts,
            "input_tokens_details": st.fixed_dictionaries(
                {"cached_tokens": counts}, optional={"cache_write_tokens": counts}
            ),
            "output_tokens": counts,
            "output_tokens_details": st.fixed_dictionaries({"reasoning_tokens": counts}),
            "total_tokens": counts,
        }
    )


def responses(status: str | None = None) -> SearchStrategy[Wire]:
    """A valid response, finished as `status` says or in any way."""
    codes = st.sampled_from(("server_error", "rate_limit_exceeded", "a_code_of_tomorrow"))
    reasons = st.sampled_from(("max_output_tokens", "content_filter", "max_messages", "steered"))
    finished: dict[str, Wire] = {
        "completed": {"usage": usages(), "error": st.none(), "incomplete_details": st.none()},
        "failed": {
            "usage": st.none(),
            "error": st.fixed_dictionaries({"code": codes, "message": texts()}),
            "incomplete_details": st.none(),
        },
        "incomplete": {
            "usage": usages(),
            "error": st.none(),
            "incomplete_details": st.fixed_dictionaries({"reason": reasons}),
        },
    }
    return st.one_of(
        [
            st.fixed_dictionaries(
                {
                    "id": _ids("resp"),
                    "object": st.just("response"),
                    "status": st.just(name),
                    "model": st.sampled_from(("gpt-4.1-2025-04-14", "o4-mini")),
                    "output": st.lists(items(), max_size=4),
                    "service_tier": st.sampled_from(("default", "flex", "auto")),
                    **fields,
                },
                optional={"conversation": st.fixed_dictionaries({"id": _ids("conv")})},
            )
            for name, fields in finished.items()
            if status in (None, name)
        ]
    )


def bodies() -> SearchStrategy[Wire]:
    """The body of a request, with any of the fields we read."""
    tokens = st.integers(16, 10_000)
    return st.fixed_dictionaries(
        {"model": st.just("gpt-4.1"), "input": texts()},
        optional={
            "conversation": st.one_of(_ids("conv"), st.fixed_dictionaries({"id": _ids("conv")})),
            "max_output_tokens": tokens,
            "previous_response_id": _ids("resp"),
            "prompt": st.fixed_dictionaries({"id": _ids("pmpt"), "version": st.just("2")}),
            "reasoning": st.fixed_dictionaries({"effort": st.sampled_from(("none", "low", "high"))}),
            "service_tier": st.sampled_from(("auto", "flex", "priority")),
            "stream": st.booleans(),
            "temperature": st.floats(0, 2),
            "text": st.fixed_dictionaries(
                {"format": st.fixed_dictionaries({"type": st.sampled_from(("text", "json_object", "json_schema"))})}
            ),
            "top_p": st.floats(0, 1),
        },
    )


def stream_of(response: Wire) -> list[Wire]:
    """The events that lead to a finished response."""
    pending = {**response, "status": "in_progress", "output": [], "usage": None, "error": None}
    content: list[Wire] = []
    for index, item in enumerate(response["output"]):
        content += [
            {"type": "response.output_item.added", "output_index": index, "item": item},
            {"type": "response.output_text.delta", "output_index": index, "delta": "Hi"},
            {"type": "response.output_text.done", "output_index": index, "text": "Hi"},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]
    return [
        {"type": "response.created", "response": pending},
        {"type": "response.in_progress", "response": pending},
        *content,
        {"type": f"response.{response['status']}", "response": response},
    ]


def valid_streams() -> SearchStrategy[list[Wire]]:
    """The whole stream of a response."""
    return responses().map(stream_of)


def events() -> SearchStrategy[Any]:
    """One event, out of any place of a stream, of an unknown type, or mangled."""
    kinds = ("error", "response.created", "response.failed", "response.tomorrow", "response.tomorrow.delta")
    bare = st.fixed_dictionaries({"type": st.sampled_from(kinds)}, optional={"code": texts(), "response": junk()})
    known = valid_streams().flatmap(st.sampled_from)
    return st.one_of(bare, known, mangled(known), junk())


def event_sequences() -> SearchStrategy[list[Any]]:
    """Valid, truncated, shuffled or doubled streams, and any events at all."""
    truncated = valid_streams().flatmap(lambda stream: st.integers(0, len(stream) - 1).map(lambda end: stream[:end]))
    ways: tuple[Callable[[list[Wire]], SearchStrategy[list[Any]]], ...] = (
        st.permutations,
        lambda stream: st.just([event for event in stream for _ in range(2)]),
        lambda stream: st.just([as_model(event) for event in stream]),
    )
    changed = [valid_streams().flatmap(way) for way in ways]
    return st.one_of(valid_streams(), truncated, *changed, st.lists(events(), max_size=8))
