"""The endpoints beside create, and the requests that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given, strategies as st
from inline_snapshot import snapshot
from openai import AzureOpenAI, OpenAI

from otel_responses.testing import FakeResponsesAPI


@pytest.fixture
def client(api: FakeResponsesAPI) -> OpenAI:
    return api.client(max_retries=0)


def send(api: FakeResponsesAPI, method: str, path: str, body: bytes = b"", key: str = "sk-fake") -> tuple[int, Any]:
    """What the API answers to a request that no SDK would send."""
    reply = api.reply(method, path, {"Authorization": f"Bearer {key}"} if key else {}, body)
    return reply.status, json.loads(b"".join(reply.chunks))


def test_a_response_can_be_fetched_again(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi")
    assert client.responses.retrieve(response.id) == response


def test_a_response_that_is_not_stored_cannot_be_fetched(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi", store=False)
    with pytest.raises(openai.NotFoundError, match=r"Response with id 'resp_0001' not found\."):
        client.responses.retrieve(response.id)


def test_a_deleted_response_is_gone(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi")
    client.responses.delete(response.id)
    for method in (client.responses.retrieve, client.responses.delete):
        with pytest.raises(openai.NotFoundError):
            method(response.id)


def test_only_the_newest_responses_are_stored(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otel_responses.testing._store.RESPONSES_MAX", 2)
    ids = [client.responses.create(model="gpt-4.1", input="Hi").id for _ in range(3)]
    assert client.responses.retrieve(ids[2]).id == ids[2]
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(ids[0])


def test_an_earlier_response_is_part_of_the_prompt(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-4.1", input="Hi")
    second = client.responses.create(model="gpt-4.1", input="Hi", previous_response_id=first.id)
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens


def test_an_unknown_earlier_response_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-4.1", input="Hi", previous_response_id="resp_9")
    assert refused.value.body == snapshot(
        {
            "message": "Previous response with id 'resp_9' not found.",
            "type": "invalid_request_error",
            "param": "previous_response_id",
            "code": "previous_response_not_found",
        }
    )


def test_a_background_run_is_queued_then_seen_and_then_completed(connect: Callable[..., OpenAI]) -> None:
    responses = connect().responses
    queued = responses.create(model="gpt-4.1", input="Hi", background=True)
    assert (queued.status, queued.output, queued.usage) == ("queued", [], None)
    polled = [responses.retrieve(queued.id) for _ in range(3)]
    assert [response.status for response in polled] == ["in_progress", "completed", "completed"]
    assert polled[-1].output_text


def test_how_often_a_background_run_is_seen_unfinished_can_be_chosen() -> None:
    client = FakeResponsesAPI(background_polls=0).client()
    queued = client.responses.create(model="gpt-4.1", input="Hi", background=True)
    assert client.responses.retrieve(queued.id).status == "completed"


def test_a_background_run_can_be_cancelled(client: OpenAI) -> None:
    queued = client.responses.create(model="gpt-4.1", input="Hi", background=True)
    assert client.responses.cancel(queued.id).status == "cancelled"
    assert client.responses.retrieve(queued.id).status == "cancelled"


def test_a_completed_background_run_stays_completed(client: OpenAI) -> None:
    queued = client.responses.create(model="gpt-4.1", input="Hi", background=True)
    for _ in range(2):
        client.responses.retrieve(queued.id)
    assert client.responses.cancel(queued.id).status == "completed"


def test_only_background_runs_can_be_cancelled(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.cancel("resp_9")


def test_a_broken_stream_can_be_taken_up_again(connect: Callable[..., OpenAI]) -> None:
    responses = connect().responses
    with responses.create(model="gpt-4.1", input="Hi", background=True, stream=True) as stream:
        events = list(stream)
    with responses.retrieve(events[0].response.id, stream=True, starting_after=4) as stream:  # pyright: ignore[reportAttributeAccessIssue] - the first event has it
        assert list(stream) == events[5:]


@pytest.mark.parametrize("query", ["stream=true", "stream=true&starting_after=x"])
def test_a_whole_stream_can_be_fetched(api: FakeResponsesAPI, client: OpenAI, query: str) -> None:
    client.responses.create(model="gpt-4.1", input="Hi")
    reply = api.reply("GET", f"/v1/responses/resp_0001?{query}", {"authorization": "Bearer k"}, b"")
    assert reply.chunks[0].startswith(b"event: response.created\ndata: {")


def test_the_input_items_are_listed_newest_first(client: OpenAI) -> None:
    items: Any = [{"role": "user", "content": "One"}, {"role": "user", "content": "Two", "id": "mine"}]
    response = client.responses.create(model="gpt-4.1", input=items)
    page = client.responses.input_items.list(response.id)
    assert [(item.id, getattr(item, "content", None)) for item in page.data] == [("mine", "Two"), ("msg_0001", "One")]
    assert page.has_more is False


def test_no_input_gives_an_empty_list(client: OpenAI) -> None:
    response = client.responses.create(prompt={"id": "pmpt_1"})
    assert client.responses.input_items.list(response.id).data == []
    with pytest.raises(openai.NotFoundError):
        client.responses.input_items.list("resp_9")


def test_a_conversation_can_be_compacted(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi")
    compact = client.responses.with_raw_response.compact
    compacted = compact(model="gpt-4.1", previous_response_id=response.id)
    assert compacted.http_response.json() == snapshot(
        {
            "id": "resp_0002",
            "object": "response.compaction",
            "created_at": 1767225600,
            "output": [
                {
                    "id": "msg_0001",
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "Hi"}],
                },
                {"id": "cmp_0001", "type": "compaction", "encrypted_content": "gAAAAABfake"},
            ],
            "usage": {
                "input_tokens": 32,
                "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
                "output_tokens": 64,
                "output_tokens_details": {"reasoning_tokens": 64},
                "total_tokens": 96,
            },
        }
    )


def test_tokens_can_be_counted(client: OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="gpt-4.1", input="The quick brown fox.")
    assert counted.model_dump() == snapshot({"input_tokens": 7, "object": "response.input_tokens"})


def test_azure_clients_are_answered_too(api: FakeResponsesAPI) -> None:
    client = AzureOpenAI(
        api_key="azure-key",
        api_version="2025-04-01-preview",
        azure_endpoint="https://mine.openai.azure.com",
        http_client=openai.DefaultHttpxClient(transport=api.transport()),
    )
    assert client.responses.create(model="my-deployment", input="Hi").model == "my-deployment"
    assert api.requests[0].path == "/openai/responses"
    assert api.requests[0].query == {"api-version": "2025-04-01-preview"}


@pytest.mark.parametrize(
    ("method", "path", "body", "key", "status", "error"),
    [
        pytest.param(
            "POST",
            "/v1/responses",
            b"{}",
            "",
            401,
            snapshot(
                {
                    "message": "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="no key",
        ),
        pytest.param(
            "POST",
            "/v1/responses",
            b"{",
            "sk",
            400,
            snapshot(
                {
                    "message": "We could not parse the JSON body of your request.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="no JSON",
        ),
        pytest.param(
            "POST",
            "/v1/responses",
            b"",
            "sk",
            400,
            snapshot(
                {
                    "message": "We could not parse the JSON body of your request.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="no body",
        ),
        pytest.param(
            "POST",
            "/v1/responses",
            b"[1]",
            "sk",
            400,
            snapshot(
                {
                    "message": "We could not parse the JSON body of your request.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="no object",
        ),
        pytest.param(
            "POST",
            "/v1/responses",
            b'{"input":"Hi"}',
            "sk",
            400,
            snapshot(
                {
                    "message": "Missing required parameter: 'model'.",
                    "type": "invalid_request_error",
                    "param": "model",
                    "code": "missing_required_parameter",
                }
            ),
            id="no model",
        ),
        pytest.param(
            "POST",
            "/v1/chat/completions",
            b"{}",
            "sk",
            404,
            snapshot(
                {
                    "message": "Invalid URL (POST /v1/chat/completions)",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="another API",
        ),
        pytest.param(
            "PUT",
            "/v1/responses",
            b"{}",
            "sk",
            404,
            snapshot(
                {
                    "message": "Invalid URL (PUT /v1/responses)",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="another method",
        ),
        pytest.param(
            "GET",
            "/v1/responses/resp_9/other",
            b"",
            "sk",
            404,
            snapshot(
                {
                    "message": "Invalid URL (GET /v1/responses/resp_9/other)",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="unknown path",
        ),
        pytest.param(
            "POST",
            "/v1/responses/resp_9/cancel",
            b"",
            "sk",
            404,
            snapshot(
                {
                    "message": "Response with id 'resp_9' not found.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            ),
            id="unknown response",
        ),
    ],
)
def test_what_the_real_api_refuses_is_refused(
    api: FakeResponsesAPI, method: str, path: str, body: bytes, key: str, status: int, error: dict[str, Any]
) -> None:
    assert send(api, method, path, body, key) == (status, {"error": error})


def test_a_trailing_slash_is_no_other_path(api: FakeResponsesAPI) -> None:
    status, response = send(api, "POST", "/v1/responses/", b'{"model":"m","input":"Hi"}')
    assert (status, response["status"]) == (200, "completed")


NAMES = (
    "background",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "prompt",
    "reasoning",
    "service_tier",
    "store",
    "stream",
    "text",
    "tool_choice",
    "tools",
)
KEYS = st.sampled_from(
    [
        *(
            "$ref",
            "anyOf",
            "call_id",
            "content",
            "default",
            "effort",
            "enum",
            "format",
            "id",
            "items",
            "minItems",
            "name",
        ),
        *("output", "parameters", "properties", "role", "schema", "summary", "text", "type"),
    ]
)
TEXTS = st.sampled_from(
    [
        *("", "#/a", "array", "function", "function_call_output", "high", "input_image", "input_text", "json_schema"),
        *("message", "none", "object", "string", "user", "web_search"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
def test_whatever_is_asked_is_answered_or_refused(body: dict[str, Any]) -> None:
    api = FakeResponsesAPI()
    sent = json.dumps({"model": "gpt-4.1", **body}).encode()
    for path in ("/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"):
        assert api.reply("POST", path, {"authorization": "Bearer k"}, sent).status in (200, 400)


def test_a_value_of_a_wrong_type_is_refused(client: OpenAI) -> None:
    many: Any = "many"
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-4.1", input="Hi", max_output_tokens=many)
    assert refused.value.body == snapshot(
        {
            "message": "Invalid type for 'max_output_tokens': expected an integer, but got something else instead.",
            "type": "invalid_request_error",
            "param": "max_output_tokens",
            "code": "invalid_type",
        }
    )
