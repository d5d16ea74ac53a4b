"""Every place of a request and of its reply that can hold private data, and in which mode it may leave where.

Each place holds a text of its own, a canary, that can be found in whatever is exported. docs/privacy.md has this table.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Container, Mapping, Set as AbstractSet
from dataclasses import dataclass

__all__ = [
    "MODES",
    "NAME",
    "OF_SOME_VERSIONS",
    "PLACES",
    "ROWS",
    "SIGNALS",
    "TEXT",
    "Leaves",
    "Row",
    "allowed",
    "canary",
    "content",
    "encoded",
    "found_in",
]

Leaves = Mapping[str, AbstractSet[str]]

MODES = ("NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT")
SIGNALS = ("span", "event", "metric")


def canary(place: str) -> str:
    return f"canary_{place}_canary"


def encoded(place: str) -> str:
    """A canary as base64, which is found again if it leaves as such or decoded."""
    return base64.b64encode(canary(place).encode()).decode()


def found_in(data: bytes) -> set[str]:
    """The places whose canaries are in what was exported, plain or in base64."""
    plain = {place.decode() for place in re.findall(rb"canary[_-](\w+?)[_-]canary", data)}
    # As much of the base64 as does not depend on what follows.
    return plain | {place for place in PLACES if encoded(place)[: len(canary(place)) // 3 * 4].encode() in data}


# -- where things may go -----------------------------------------------------------------------------------------------

NOWHERE: Leaves = {mode: frozenset() for mode in MODES}
CONTENT: Leaves = {
    "NO_CONTENT": frozenset(),
    "SPAN_ONLY": frozenset({"span"}),
    "EVENT_ONLY": frozenset({"event"}),
    "SPAN_AND_EVENT": frozenset({"span", "event"}),
}
ATTRIBUTE: Leaves = {mode: CONTENT[mode] | {"span"} for mode in MODES}
LABEL: Leaves = {mode: ATTRIBUTE[mode] | {"metric"} for mode in MODES}
EXCEPTION: Leaves = {mode: frozenset({"event"}) for mode in MODES}


# What a redactor can do about the parts it keeps: change texts; and names, which some of the ready ones keep.
NOTHING, TEXT, NAME = "-", "yes", "yes, names"


@dataclass(frozen=True)
class Row:
    """A line of the table in docs/privacy.md, with the places it is about.

    `redactor` says what a redactor can do about them: nothing, leave out the part, or also change them.
    """

    data: str
    leaves: Leaves
    places: tuple[str, ...]
    redactor: str = NOTHING

    def cells(self) -> list[str]:
        words = [", ".join(signal for signal in SIGNALS if signal in self.leaves[mode]) or "-" for mode in MODES]
        return [self.data, *words, self.redactor]


ROWS = (
    Row(
        "API key, organization, project; headers, but `x-request-id` and Helicone's",
        NOWHERE,
        ("api_key", "organization", "project", "client_header", "call_header", "response_header"),
    ),
    Row(
        "credentials, headers and addresses of MCP servers",
        NOWHERE,
        (
            "mcp_authorization",
            "mcp_header",
            "mcp_url",
            "mcp_authorization_in_unknown_item",
            "mcp_header_in_unknown_item",
        ),
    ),
    Row(
        "user, password, path and query of the API's URL",
        NOWHERE,
        ("url_user", "url_password", "url_path", "url_query", "call_query"),
    ),
    Row(
        "user, password and query of links to images and files",
        NOWHERE,
        ("image_url_user", "image_url_query", "image_url_fragment", "file_url_query"),
    ),
    Row(
        "`metadata`, `user`, `safety_identifier`, `prompt_cache_key`",
        NOWHERE,
        (
            *("metadata", "metadata_key", "user", "safety_identifier", "prompt_cache_key"),
            *(
                "metadata_of_response",
                "user_of_response",
                "safety_identifier_of_response",
                "prompt_cache_key_of_response",
            ),
        ),
    ),
    Row(
        "data of images, audio and files (with `capture_blobs` as messages)",
        NOWHERE,
        (
            *("image_data", "audio_data", "file_data", "image_in_output", "image_data_in_text"),
            *("generated_image", "screenshot", "drawn_image"),
        ),
    ),
    Row(
        "encrypted reasoning and compacted conversations",
        NOWHERE,
        ("encrypted_reasoning", "encrypted_reasoning_sent", "encrypted_compaction"),
    ),
    Row(
        "descriptions and parameters of tools (with `capture_tool_schemas` as messages)",
        NOWHERE,
        ("tool_description", "tool_parameters", "server_description", "mcp_tool_description", "mcp_tool_parameters"),
    ),
    Row(
        "other parameters: formats and their schemas, `tool_choice`, `include`, unknown ones",
        NOWHERE,
        ("format_name", "format_schema", "tool_choice", "include", "extra_body", "truncation", "verbosity"),
    ),
    Row(
        "other fields of a response: log probabilities, what it repeats of the request, unknown ones",
        NOWHERE,
        (
            *("logprobs", "instructions_of_response", "tool_of_response", "format_of_response", "extra_of_response"),
            *("usage_extra", "event_extra"),
        ),
    ),
    Row(
        "codes, reasons and tiers of the server that do not look like names",
        NOWHERE,
        ("code_in_prose", "reason_in_prose", "tier_in_prose"),
    ),
    Row(
        "instructions, messages, refusals, reasoning, annotations",
        CONTENT,
        (
            *("instructions", "input_text", "easy_message", "developer_message", "assistant_message", "refusal_sent"),
            *("output_text", "refusal", "reasoning_summary", "reasoning_text", "annotation_title", "delta"),
        ),
        redactor=TEXT,
    ),
    Row(
        "arguments and results of tools that the program runs",
        CONTENT,
        (
            *(
                "call_arguments_sent",
                "call_output",
                "call_output_part",
                "custom_input",
                "custom_output",
                "shell_output",
            ),
            *("call_arguments", "call_argument_key", "shell_command", "local_shell_command", "local_shell_env"),
            *("computer_text", "patch", "patch_path", "tool_search_arguments", "arguments_delta"),
        ),
        redactor=TEXT,
    ),
    Row(
        "calls and results of tools that the provider runs: searches, code, images, MCP",
        CONTENT,
        (
            *(
                "search_query",
                "search_source",
                "file_query",
                "file_result",
                "file_result_attribute",
                "interpreter_code",
                "code_logs",
            ),
            *(
                "revised_prompt",
                "mcp_arguments",
                "mcp_output",
                "mcp_error",
                "mcp_approval_arguments",
                "mcp_approval_reason",
            ),
        ),
        redactor=TEXT,
    ),
    Row(
        "links, names of files",
        CONTENT,
        ("image_url_path", "file_url_path", "filename", "annotation_url"),
        redactor=TEXT,
    ),
    Row(
        "names of tools and of MCP servers, ids of files",
        CONTENT,
        (
            *("tool_name", "called_name", "called_name_sent", "server_label", "called_server_label", "mcp_tool_name"),
            *("file_id", "image_file_id"),
        ),
        redactor=NAME,
    ),
    Row(
        "items and content parts yet unknown",
        CONTENT,
        ("unknown_item", "unknown_item_sent", "unknown_part"),
        redactor=TEXT,
    ),
    Row("values of prompt variables", CONTENT, ("prompt_variable", "prompt_variable_text"), redactor=TEXT),
    Row(
        "messages of exceptions: of the server (older openai: its whole answer), of validation, of the program",
        CONTENT,
        ("error_message", "error_body", "validation_input", "exception_message"),
        redactor=TEXT,
    ),
    Row(
        "messages of failed responses and of error events",
        {**CONTENT, "EVENT_ONLY": frozenset(), "SPAN_AND_EVENT": frozenset({"span"})},
        ("failed_message", "event_error_message"),
        redactor=TEXT,
    ),
    Row(
        "roles, ids of items and calls, names of prompt variables",
        CONTENT,
        ("role", "call_id_sent", "call_id", "server_call_id", "compaction_id", "prompt_variable_name"),
    ),
    Row("model asked for, model used", LABEL, ("model", "response_model")),
    Row("host of the API", LABEL, ("host",)),
    Row("code of an error and tier used, where they look like names", LABEL, ("error_code", "response_tier")),
    Row(
        "ids of response, previous response, conversation and request",
        ATTRIBUTE,
        ("response_id", "previous_response_id", "conversation", "response_conversation", "request_id"),
    ),
    Row(
        "id and version of a stored prompt, reasoning effort and tier asked for",
        ATTRIBUTE,
        ("prompt_id", "prompt_version", "effort", "tier"),
    ),
    Row("reason of an incomplete response, where it looks like a name", ATTRIBUTE, ("reason",)),
    Row(
        "the session: id, name, path, user, properties",
        ATTRIBUTE,
        (
            *(
                "session_id",
                "session_name",
                "session_path",
                "session_user",
                "session_property",
                "session_property_name",
            ),
            "session_header",
        ),
    ),
    Row("class of an exception", {mode: LABEL[mode] | {"event"} for mode in MODES}, ("exception_class",)),
    Row("stack of an exception: files, lines and functions, no source", EXCEPTION, ("exception_function",)),
)
PLACES: dict[str, Row] = {place: row for row in ROWS for place in row.places}


def allowed(mode: str, signal: str, *, removed: Container[str] = ()) -> set[str]:
    """The places that may be seen in a signal, without those that a redactor has `removed`: texts, names or both."""
    return {place for place, row in PLACES.items() if signal in row.leaves[mode] and row.redactor not in removed}


def content() -> set[str]:
    """The places that are seen only where content is recorded."""
    return {place for place, row in PLACES.items() if not row.leaves["NO_CONTENT"]}


# Whether these are there is a matter of the SDK's version: older exceptions quote the whole answer.
OF_SOME_VERSIONS = frozenset({"error_body"})
