"""A request and a response that hold a canary in every place that they have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.privacy.places import canary, encoded

__all__ = ["message", "output", "request", "response", "text"]

Wire = dict[str, Any]


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
            "code": text("interpreter_code"),
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
