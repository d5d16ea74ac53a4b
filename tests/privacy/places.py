"""Every place of a request and of its reply that can hold private data, and in which mode it may leave where.

Each place holds a text of its own, a canary, that can be found in whatever is exported. docs/privacy.md has this table.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Container, Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from typing import Any

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
    "found_in",
    "message",
    "output",
    "request",
    "response",
    "text",
]

Wire = dict[str, Any]
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
        "API key, organization, project; headers of request and response",
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
                "code",
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
    Row("code of an error and tier used, where they look like names", LABEL, ("code", "response_tier")),
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


# -- a request and a response with a canary in every place -------------------------------------------------------------


def text(place: str) -> str:
    return f"The {canary(place)} sings."


def in_json(**places: str) -> str:
    return json.dumps({name: canary(place) for name, place in places.items()})


def data_url(place: str, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{encoded(place)}"


def request() -> Wire:
    """The arguments of `responses.create`."""
    return {
        "model": canary("model"),
        "instructions": text("instructions"),
        "input": _input(),
        "tools": _tools(),
        "tool_choice": {"type": "function", "name": canary("tool_choice")},
        "include": [canary("include")],
        "metadata": {"key": canary("metadata"), canary("metadata_key"): "value"},
        "user": canary("user"),
        "safety_identifier": canary("safety_identifier"),
        "prompt_cache_key": canary("prompt_cache_key"),
        "previous_response_id": canary("previous_response_id"),
        "conversation": {"id": canary("conversation")},
        "prompt": {
            "id": canary("prompt_id"),
            "version": canary("prompt_version"),
            "variables": {
                "city": canary("prompt_variable"),
                "text": {"type": "input_text", "text": canary("prompt_variable_text")},
                canary("prompt_variable_name"): "value",
            },
        },
        "reasoning": {"effort": canary("effort")},
        "service_tier": canary("tier"),
        "truncation": canary("truncation"),
        "text": {
            "verbosity": canary("verbosity"),
            "format": {
                "type": "json_schema",
                "name": canary("format_name"),
                "schema": {"type": "object", "description": canary("format_schema")},
            },
        },
        "extra_headers": {
            "X-Call": canary("call_header"),
            "Helicone-Property-Header": canary("session_header"),
        },
        "extra_query": {"call": canary("call_query")},
        "extra_body": {"extra": canary("extra_body")},
    }


def _input() -> list[Wire]:
    url = "https://{user}:x@example.com/{path}?{query}#{fragment}"
    image_url = url.format(
        user=canary("image_url_user"),
        path=canary("image_url_path"),
        query=canary("image_url_query"),
        fragment=canary("image_url_fragment"),
    )
    file_url = f"https://example.com/{canary('file_url_path')}?{canary('file_url_query')}"
    user_parts = [
        {"type": "input_text", "text": text("input_text")},
        {"type": "input_text", "text": f"An image: {data_url('image_data_in_text')} that is it."},
        {"type": "input_image", "image_url": image_url, "detail": "auto"},
        {"type": "input_image", "image_url": data_url("image_data"), "detail": "auto"},
        {"type": "input_image", "file_id": canary("image_file_id"), "detail": "auto"},
        {"type": "input_file", "file_data": encoded("file_data"), "filename": canary("filename")},
        {"type": "input_file", "file_url": file_url},
        {"type": "input_file", "file_id": canary("file_id")},
        {"type": "input_audio", "input_audio": {"data": encoded("audio_data"), "format": "wav"}},
        {"type": "a_part_of_tomorrow", "said": text("unknown_part")},
    ]
    assistant_parts = [
        {"type": "output_text", "text": text("assistant_message"), "annotations": []},
        {"type": "refusal", "refusal": text("refusal_sent")},
    ]
    screenshot = {"type": "computer_screenshot", "image_url": data_url("screenshot")}
    outputs = [
        {"type": "input_text", "text": text("call_output_part")},
        {"type": "input_image", "image_url": data_url("image_in_output"), "detail": "auto"},
    ]
    return [
        {"role": "user", "content": text("easy_message")},
        {"role": "developer", "content": text("developer_message")},
        {"role": canary("role"), "content": "Hi."},
        {"type": "message", "role": "user", "content": user_parts},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "content": assistant_parts},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": canary("encrypted_reasoning_sent")},
        {
            "type": "function_call",
            "call_id": canary("call_id_sent"),
            "name": canary("called_name_sent"),
            "arguments": in_json(city="call_arguments_sent"),
        },
        {"type": "function_call_output", "call_id": "call_1", "output": text("call_output")},
        {"type": "function_call_output", "call_id": "call_2", "output": outputs},
        {"type": "custom_tool_call_output", "call_id": "call_3", "output": text("custom_output")},
        {
            "type": "shell_call_output",
            "call_id": "call_4",
            "output": [{"stdout": text("shell_output"), "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
        },
        {"type": "computer_call_output", "call_id": "call_5", "output": screenshot},
        {
            "type": "mcp_approval_response",
            "approval_request_id": "mcpr_1",
            "approve": False,
            "reason": text("mcp_approval_reason"),
        },
        {
            "type": "an_item_of_tomorrow",
            "said": text("unknown_item_sent"),
            "authorization": canary("mcp_authorization_in_unknown_item"),
            "headers": {"x": canary("mcp_header_in_unknown_item")},
        },
    ]


def _tools() -> list[Wire]:
    return [
        {
            "type": "function",
            "name": canary("tool_name"),
            "description": canary("tool_description"),
            "parameters": {"type": "object", "description": canary("tool_parameters")},
            "strict": True,
        },
        {
            "type": "mcp",
            "server_label": canary("server_label"),
            "server_url": f"https://{canary('mcp_url')}.example/",
            "server_description": canary("server_description"),
            "authorization": canary("mcp_authorization"),
            "headers": {"x": canary("mcp_header")},
        },
    ]


def response(**changed: Any) -> Wire:
    """A completed response."""
    return {
        "id": canary("response_id"),
        "object": "response",
        "created_at": 1_767_225_600,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": canary("response_model"),
        "service_tier": canary("response_tier"),
        "instructions": canary("instructions_of_response"),
        "metadata": {"key": canary("metadata_of_response")},
        "user": canary("user_of_response"),
        "safety_identifier": canary("safety_identifier_of_response"),
        "prompt_cache_key": canary("prompt_cache_key_of_response"),
        "conversation": {"id": canary("response_conversation")},
        "tools": [{"type": "function", "name": canary("tool_of_response"), "parameters": {}, "strict": True}],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "text": {"format": {"type": "json_schema", "name": canary("format_of_response"), "schema": {}}},
        "extra": canary("extra_of_response"),
        "output": output(),
        "usage": {
            "input_tokens": 1,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 2,
            "extra": canary("usage_extra"),
        },
        **changed,
    }


def message(said: str, *annotations: Wire) -> Wire:
    logprobs = [{"token": canary("logprobs"), "logprob": 0.0, "bytes": [], "top_logprobs": []}]
    part = {"type": "output_text", "text": said, "annotations": [*annotations], "logprobs": logprobs}
    return {"type": "message", "id": "msg_2", "role": "assistant", "status": "completed", "content": [part]}


def output() -> list[Wire]:
    """An item of every kind that has content of its own."""
    citation = {
        "type": "url_citation",
        "url": f"https://example.com/{canary('annotation_url')}",
        "title": canary("annotation_title"),
        "start_index": 0,
        "end_index": 1,
    }
    refusal = {"type": "refusal", "refusal": text("refusal")}
    return [
        {
            "type": "reasoning",
            "id": "rs_2",
            "summary": [{"type": "summary_text", "text": text("reasoning_summary")}],
            "encrypted_content": canary("encrypted_reasoning"),
        },
        {
            "type": "reasoning",
            "id": "rs_3",
            "summary": [],
            "content": [{"type": "reasoning_text", "text": text("reasoning_text")}],
        },
        *_of_the_provider(),
        *_of_the_program(),
        {"type": "compaction", "id": canary("compaction_id"), "encrypted_content": canary("encrypted_compaction")},
        {"type": "another_item_of_tomorrow", "id": "x_1", "said": text("unknown_item")},
        {"type": "message", "id": "msg_3", "role": "assistant", "status": "completed", "content": [refusal]},
        message(text("output_text"), citation),
    ]


def _of_the_provider() -> Iterable[Wire]:
    source = {"type": "url", "url": f"https://example.com/{canary('search_source')}"}
    result = {
        "file_id": "file_1",
        "filename": "a.txt",
        "score": 0.5,
        "text": text("file_result"),
        "attributes": {"author": canary("file_result_attribute")},
    }
    tool = {
        "name": canary("mcp_tool_name"),
        "description": canary("mcp_tool_description"),
        "input_schema": {"description": canary("mcp_tool_parameters")},
    }
    mcp = {"id": "mcp_1", "name": "lookup", "server_label": canary("called_server_label")}
    return [
        {
            "type": "web_search_call",
            "id": canary("server_call_id"),
            "status": "completed",
            "action": {"type": "search", "query": text("search_query"), "sources": [source]},
        },
        {
            "type": "file_search_call",
            "id": "fs_1",
            "status": "completed",
            "queries": [text("file_query")],
            "results": [result],
        },
        {
            "type": "code_interpreter_call",
            "id": "ci_1",
            "status": "completed",
            "container_id": "cntr_1",
            "code": text("code"),
            "outputs": [
                {"type": "logs", "logs": text("code_logs")},
                {"type": "image", "url": data_url("drawn_image")},
            ],
        },
        {
            "type": "image_generation_call",
            "id": "ig_1",
            "status": "completed",
            "result": encoded("generated_image"),
            "revised_prompt": text("revised_prompt"),
        },
        {
            "type": "mcp_call",
            **mcp,
            "arguments": in_json(a="mcp_arguments"),
            "output": text("mcp_output"),
            "error": None,
        },
        {"type": "mcp_call", **mcp, "arguments": "{}", "output": None, "error": text("mcp_error")},
        {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "docs", "tools": [tool]},
        {"type": "mcp_approval_request", **mcp, "arguments": in_json(a="mcp_approval_arguments")},
    ]


def _of_the_program() -> Iterable[Wire]:
    call = {"status": "completed", "call_id": "call_6"}
    action = {
        "type": "exec",
        "command": ["echo", text("local_shell_command")],
        "env": {"NAME": canary("local_shell_env")},
    }
    arguments = json.dumps({"city": canary("call_arguments"), canary("call_argument_key"): [1]})
    operation = {"type": "update_file", "path": canary("patch_path"), "diff": text("patch")}
    return [
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": canary("call_id"),
            "name": canary("called_name"),
            "arguments": arguments,
        },
        {"type": "custom_tool_call", "id": "ctc_1", **call, "name": "sql", "input": text("custom_input")},
        {"type": "local_shell_call", "id": "lsh_1", **call, "action": action},
        {"type": "shell_call", "id": "sh_1", **call, "action": {"commands": [text("shell_command")]}},
        {"type": "apply_patch_call", "id": "apc_1", **call, "operation": operation},
        {
            "type": "computer_call",
            "id": "cu_1",
            **call,
            "pending_safety_checks": [],
            "action": {"type": "type", "text": text("computer_text")},
        },
        {
            "type": "tool_search_call",
            "id": "ts_1",
            **call,
            "execution": "client",
            "arguments": {"query": text("tool_search_arguments")},
        },
    ]
