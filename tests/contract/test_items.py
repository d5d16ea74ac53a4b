"""Every item, content part, tool and delta of the installed SDK is in our tables; a new one fails here by its name."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from openai.types import beta, responses
from openai.types.responses import response_create_params
from typing_extensions import NotRequired, Required, get_type_hints

from otel_responses._mapping.accumulator import DELTAS, IGNORED_DELTAS, ITEM_EVENTS
from otel_responses._mapping.items import GENERIC_ITEMS, ITEMS
from otel_responses._mapping.parts import CONTENT_PARTS
from otel_responses._mapping.tools import TOOLS

# Content parts that have no part of their own: they go out as generic, each for this reason.
GENERIC_CONTENT_PARTS: Mapping[str, str] = {
    "encrypted_content": "of agents' messages; how long it is is all that can be said",
}

# Parameters of `create` that are settings or labels, and none of the conversation.
WITHOUT_CONTENT = frozenset(
    (
        *("access_programs", "background", "background_options", "context_management", "conversation", "image"),
        *("include", "max_output_tokens", "max_tool_calls", "metadata", "model", "moderation", "parallel_tool_calls"),
        *("previous_response_id", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning"),
        *("safety_identifier", "service_tier", "store", "stream_options", "temperature", "text", "tool_choice"),
        *("top_logprobs", "top_p", "truncation", "user"),
    )
)

WRAPPERS = (Annotated, Required, NotRequired)
UNIONS = (Union, types.UnionType)


def members(of: Any) -> Iterator[Any]:
    """The classes of a union, however it is written and nested."""
    if get_origin(of) in WRAPPERS:
        yield from members(get_args(of)[0])
    elif get_origin(of) in UNIONS:
        for one in get_args(of):
            yield from members(one)
    elif of is not type(None):
        yield of


def literals(of: Any) -> Iterator[str]:
    for one in members(of):
        if get_origin(one) is Literal:
            yield from (value for value in get_args(one) if isinstance(value, str))


def fields_of(of: Any) -> Mapping[str, Any]:
    """The types of the fields of a model or a typed dictionary; none of anything else."""
    if hasattr(of, "model_fields"):
        return {name: field.annotation for name, field in of.model_fields.items()}
    return get_type_hints(of, include_extras=True) if isinstance(of, type) else {}


def types_of(union: Any) -> set[str]:
    """The values of `type` of a union's classes: models, or typed dictionaries."""
    return {kind for one in members(union) for kind in literals(fields_of(one).get("type"))}


def content_types() -> set[str]:
    """What stands in the lists of content of any item, and in the outputs of tools."""
    found: set[str] = set()
    for union in ITEM_UNIONS.values():
        for item in members(union):
            fields = fields_of(item)
            for key in ("content", "summary", "output"):
                # The output of a shell is no content: its entries have no type.
                found |= {kind for entry in entry_types(fields.get(key)) for kind in types_of(entry)}
    return found


def entry_types(of: Any) -> Iterator[Any]:
    """The types of the entries of the lists in `of`, and of `of` where it is one object."""
    for one in members(of):
        if get_origin(one) is None:
            yield one
        for entry in get_args(one):
            yield from members(entry)


ITEM_UNIONS: Mapping[str, Any] = {
    "output item": responses.ResponseOutputItem,
    "input item": responses.ResponseInputItemParam,
    "stored item": responses.ResponseItem,
    "beta output item": beta.BetaResponseOutputItem,
    "beta input item": beta.BetaResponseInputItemParam,
    "beta stored item": beta.BetaResponseItem,
}
TOOL_UNIONS = {"tool": responses.Tool, "tool param": responses.ToolParam, "beta tool": beta.BetaTool}
EVENT_UNIONS = {"event": responses.ResponseStreamEvent, "beta event": beta.BetaResponseStreamEvent}


@pytest.mark.parametrize("union", ITEM_UNIONS.values(), ids=ITEM_UNIONS)
def test_every_item_is_mapped(union: Any):
    found = types_of(union)
    assert len(found) > 20  # the introspection itself works
    assert found - set(ITEMS) == set()


def test_no_item_is_mapped_that_the_sdk_does_not_know():
    known = set[str]().union(*(types_of(union) for union in ITEM_UNIONS.values()))
    assert set(ITEMS) - known == set()
    assert set(GENERIC_ITEMS) <= set(ITEMS)
    assert all(GENERIC_ITEMS.values())


def test_every_content_part_is_mapped_or_listed_with_its_reason():
    found = content_types()
    assert {"input_text", "output_text", "refusal", "input_image", "input_file", "summary_text"} <= found
    assert found - set(CONTENT_PARTS) - set(GENERIC_CONTENT_PARTS) == set()


@pytest.mark.parametrize("union", TOOL_UNIONS.values(), ids=TOOL_UNIONS)
def test_every_tool_has_a_name(union: Any):
    found = types_of(union)
    assert len(found) > 15
    assert found - set(TOOLS) == set()


def test_no_tool_is_known_that_the_sdk_does_not_know():
    assert set(TOOLS) - set[str]().union(*(types_of(union) for union in TOOL_UNIONS.values())) == set()


@pytest.mark.parametrize("union", TOOL_UNIONS.values(), ids=TOOL_UNIONS)
def test_every_tool_that_has_a_name_of_its_own_goes_by_it(union: Any):
    for tool in members(union):
        fields = fields_of(tool)
        own = next((key for key in ("name", "server_label") if key in fields), None)
        assert {TOOLS[kind] for kind in literals(fields["type"])} == {own}


@pytest.mark.parametrize("union", EVENT_UNIONS.values(), ids=EVENT_UNIONS)
def test_every_delta_is_kept_or_listed_with_its_reason(union: Any):
    found = types_of(union)
    assert len(found) > 50
    assert found >= ITEM_EVENTS
    deltas = {kind for kind in found if kind.endswith(".delta")}
    assert deltas == set(DELTAS) | set(IGNORED_DELTAS)
    assert all(IGNORED_DELTAS.values())


def test_the_places_that_hold_content_are_those_we_read():
    """A new parameter of `create` may carry content: it has to be mapped, or added here as one that carries none."""
    hints = get_type_hints(response_create_params.ResponseCreateParamsBase)
    mapped = {"input", "instructions", "prompt", "tools"}
    assert set(hints) == mapped | WITHOUT_CONTENT
