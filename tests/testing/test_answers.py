"""What the fake API makes of a request, as the SDK shows it to a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot
from openai import OpenAI
from openai.types.responses import Response
from pydantic import BaseModel

from otel_responses.testing import FakeResponsesAPI, Reply

WEATHER: Any = {
    "type": "function",
    "name": "get_current_weather",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["location", "unit"],
        "additionalProperties": False,
    },
    "strict": True,
}
TIME: Any = {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}, "strict": True}


@pytest.fixture
def client(api: FakeResponsesAPI) -> OpenAI:
    return api.client(max_retries=0)


def body(response: Response) -> dict[str, Any]:
    return json.loads(response.model_dump_json(exclude_unset=True))


def output(response: Response) -> list[dict[str, Any]]:
    return body(response)["output"]


def test_text_is_answered_with_a_whole_response(connect: Callable[..., OpenAI]) -> None:
    response = connect().responses.create(model="gpt-4.1", input="What is the meaning of life?")
    assert body(response) == snapshot(
        {
            "id": "resp_0001",
            "created_at": 1767225600.0,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": "gpt-4.1-2025-04-14",
            "object": "response",
            "output": [
                {
                    "id": "msg_0002",
                    "content": [
                        {
                            "annotations": [],
                            "text": "Meaning is what you make of it: curiosity, kindness, and the people around you.",
                            "type": "output_text",
                            "logprobs": [],
                        }
                    ],
                    "role": "assistant",
                    "status": "completed",
                    "type": "message",
                }
            ],
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "background": False,
            "completed_at": 1767225600.0,
            "max_output_tokens": None,
            "max_tool_calls": None,
            "previous_response_id": None,
            "prompt_cache_key": None,
            "prompt_cache_retention": None,
            "reasoning": {"effort": None, "summary": None},
            "safety_identifier": None,
            "service_tier": "default",
            "status": "completed",
            "text": {"format": {"type": "text"}, "verbosity": "medium"},
            "top_logprobs": 0,
            "truncation": "disabled",
            "usage": {
                "input_tokens": 16,
                "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
                "output_tokens": 20,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 36,
            },
            "user": None,
            "store": True,
        }
    )


def test_ids_are_the_same_for_the_same_requests() -> None:
    def ids() -> list[str]:
        client = FakeResponsesAPI().client()
        return [client.responses.create(model="gpt-4.1", input="Hi").id for _ in range(2)]

    assert ids() == ids() == ["resp_0001", "resp_0002"]


def test_what_a_plain_answer_says_can_be_chosen() -> None:
    client = FakeResponsesAPI(text="Fine, thank you.").client()
    assert client.responses.create(model="gpt-4.1", input="How are you?").output_text == "Fine, thank you."


def test_an_unknown_model_keeps_its_name(client: OpenAI) -> None:
    assert client.responses.create(model="my-model", input="Hi").model == "my-model"


def test_an_image_is_described(client: OpenAI) -> None:
    content: Any = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": "data:,"}]
    response = client.responses.create(model="gpt-4.1", input=[{"role": "user", "content": content}])
    assert response.output_text == snapshot("A wooden boardwalk leads through a green meadow under a blue sky.")


def test_a_json_object_as_input_is_accepted(api: FakeResponsesAPI, client: OpenAI) -> None:
    person: Any = {"name": "John", "age": 30}
    response = client.responses.create(model="gpt-4.1", input=person)
    assert response.status == "completed"
    assert api.requests[0].json == {"model": "gpt-4.1", "input": person}


def test_a_prompt_template_needs_neither_model_nor_input(client: OpenAI) -> None:
    prompt: Any = {"id": "pmpt_1", "version": "2", "variables": {"city": "Rome"}}
    response = client.responses.create(prompt=prompt)
    assert body(response)["prompt"] == prompt
    assert response.model == "gpt-4.1-2025-04-14"


def test_web_search_gives_a_call_and_a_cited_message(client: OpenAI) -> None:
    tools: Any = [{"type": "web_search_preview"}]
    response = client.responses.create(model="gpt-4.1", tools=tools, input="Any good news?")
    call, message = output(response)
    assert call == snapshot(
        {
            "id": "ws_0001",
            "action": {"type": "search", "queries": ["Any good news?"], "query": "Any good news?"},
            "status": "completed",
            "type": "web_search_call",
        }
    )
    [part] = message["content"]
    [annotation] = part["annotations"]
    assert annotation == snapshot(
        {
            "end_index": 108,
            "start_index": 50,
            "title": "Good news from the reef",
            "type": "url_citation",
            "url": "https://news.example.com/reef",
        }
    )
    assert part["text"][annotation["start_index"] : annotation["end_index"]] == snapshot(
        "([Good news from the reef](https://news.example.com/reef))"
    )


def test_file_search_gives_a_call_and_a_cited_message(client: OpenAI) -> None:
    tools: Any = [{"type": "file_search", "vector_store_ids": ["vs_1"]}]
    call, message = output(client.responses.create(model="gpt-4.1", tools=tools, input="Dragons?"))
    assert call == snapshot(
        {"id": "fs_0001", "queries": ["Dragons?"], "status": "completed", "type": "file_search_call", "results": None}
    )
    assert message["content"][0]["annotations"] == snapshot(
        [{"file_id": "file-0001", "filename": "dragons.pdf", "index": 59, "type": "file_citation"}]
    )


def test_file_search_results_come_when_asked_for(client: OpenAI) -> None:
    tools: Any = [{"type": "file_search", "vector_store_ids": ["vs_1"]}]
    response = client.responses.create(
        model="gpt-4.1", tools=tools, input="Dragons?", include=["file_search_call.results"]
    )
    assert output(response)[0]["results"] == snapshot(
        [
            {
                "attributes": {},
                "file_id": "file-0001",
                "filename": "dragons.pdf",
                "score": 0.91,
                "text": "According to the files, it is old, proud, and breathes sand.",
            }
        ]
    )


def test_a_function_is_called_and_its_output_answered(client: OpenAI) -> None:
    asked = client.responses.create(model="gpt-4.1", tools=[WEATHER], input="The weather in Boston?")
    assert output(asked) == snapshot(
        [
            {
                "arguments": '{"location":"Boston, MA","unit":"celsius"}',
                "call_id": "call_0001",
                "name": "get_current_weather",
                "type": "function_call",
                "id": "fc_0001",
                "status": "completed",
            }
        ]
    )
    result: Any = {"type": "function_call_output", "call_id": "call_0001", "output": "21 degrees"}
    answered = client.responses.create(model="gpt-4.1", tools=[WEATHER], input=[result], previous_response_id=asked.id)
    assert answered.output_text == "The tool says: 21 degrees"
    assert answered.previous_response_id == asked.id


def test_function_output_may_be_a_list_of_parts(client: OpenAI) -> None:
    parts: Any = [{"type": "input_text", "text": "21 degrees"}]
    result: Any = {"type": "function_call_output", "call_id": "call_1", "output": parts}
    response = client.responses.create(model="gpt-4.1", tools=[WEATHER], input=[result])
    assert response.output_text == 'The tool says: [{"type": "input_text", "text": "21 degrees"}]'


def test_a_new_question_after_a_function_output_gets_a_new_call(client: OpenAI) -> None:
    items: Any = [
        {"type": "function_call_output", "call_id": "call_1", "output": "21"},
        {"role": "user", "content": "And tomorrow?"},
    ]
    assert [
        item["type"] for item in output(client.responses.create(model="gpt-4.1", tools=[WEATHER], input=items))
    ] == ["function_call"]


@pytest.mark.parametrize(
    ("options", "called"),
    [
        pytest.param({}, ["get_current_weather", "get_time"], id="parallel"),
        pytest.param({"parallel_tool_calls": False}, ["get_current_weather"], id="one at a time"),
        pytest.param({"tool_choice": "none"}, [], id="none allowed"),
        pytest.param({"tool_choice": {"type": "function", "name": "get_time"}}, ["get_time"], id="one chosen"),
    ],
)
def test_functions_are_called_as_the_request_allows(client: OpenAI, options: dict[str, Any], called: list[str]) -> None:
    response = client.responses.create(model="gpt-4.1", tools=[WEATHER, TIME], input="Hi", **options)
    assert [item["name"] for item in output(response) if item["type"] == "function_call"] == called


def test_effort_gives_reasoning_and_its_tokens(client: OpenAI) -> None:
    response = client.responses.create(model="o3-mini", input="Wood?", reasoning={"effort": "high"})
    assert [item["type"] for item in output(response)] == ["reasoning", "message"]
    assert output(response)[0] == {"id": "rs_0001", "type": "reasoning", "summary": []}
    assert body(response)["usage"] == snapshot(
        {
            "input_tokens": 10,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": 468,
            "output_tokens_details": {"reasoning_tokens": 448},
            "total_tokens": 478,
        }
    )


def test_reasoning_has_a_summary_and_encrypted_content_when_asked_for(client: OpenAI) -> None:
    response = client.responses.create(
        model="gpt-5",
        input="Wood?",
        reasoning={"effort": "low", "summary": "auto"},
        include=["reasoning.encrypted_content"],
    )
    assert output(response)[0] == snapshot(
        {
            "id": "rs_0001",
            "summary": [
                {
                    "text": """\
**Weighing the question**

First the facts, then the answer.\
""",
                    "type": "summary_text",
                }
            ],
            "type": "reasoning",
            "encrypted_content": "gAAAAABfake",
        }
    )


def test_effort_none_gives_no_reasoning(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-5", input="Wood?", reasoning={"effort": "none"})
    assert [item["type"] for item in output(response)] == ["message"]
    assert body(response)["usage"]["output_tokens_details"] == {"reasoning_tokens": 0}


def test_structured_output_can_be_parsed(client: OpenAI) -> None:
    class Person(BaseModel):
        name: str
        age: int
        tags: list[str]

    response = client.responses.parse(model="gpt-4.1", input="Alice is 30.", text_format=Person)
    assert response.output_parsed == Person(name="Ada", age=30, tags=["tags"])


def test_a_json_object_is_written_when_asked_for(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Hi", text={"format": {"type": "json_object"}})
    assert json.loads(response.output_text) == snapshot(
        {"answer": "Meaning is what you make of it: curiosity, kindness, and the people around you."}
    )


def test_a_conversation_comes_back(client: OpenAI) -> None:
    for conversation in ("conv_1", {"id": "conv_1"}):
        given: Any = conversation
        response = client.responses.create(model="gpt-4.1", input="Hi", conversation=given)
        assert body(response)["conversation"] == {"id": "conv_1"}


@pytest.mark.parametrize(("asked", "used"), [("auto", "default"), ("flex", "flex"), ("priority", "priority")], ids=str)
def test_the_service_tier_is_the_one_really_used(client: OpenAI, asked: Any, used: str) -> None:
    assert client.responses.create(model="gpt-4.1", input="Hi", service_tier=asked).service_tier == used


def test_the_same_beginning_of_a_prompt_is_cached_the_second_time(client: OpenAI) -> None:
    long = "Be helpful. " * 600

    def cached(question: str) -> int:
        response = client.responses.create(model="gpt-4.1", instructions=long, input=question)
        return body(response)["usage"]["input_tokens_details"]["cached_tokens"]

    assert [cached("One?"), cached("Two?")] == [0, 1792]


def test_a_short_prompt_is_not_cached(client: OpenAI) -> None:
    for _ in range(2):
        response = client.responses.create(model="gpt-4.1", input="Hi " * 300)
        assert body(response)["usage"]["input_tokens_details"]["cached_tokens"] == 0


def test_the_least_cached_prompt_can_be_chosen() -> None:
    client = FakeResponsesAPI(cache_minimum=128).client()
    usages = [body(client.responses.create(model="gpt-4.1", input="Hi " * 300))["usage"] for _ in range(2)]
    assert [usage["input_tokens_details"]["cached_tokens"] for usage in usages] == [0, 128]


def test_the_cache_forgets_beyond_its_bound() -> None:
    client = FakeResponsesAPI(cache_minimum=128).client()

    def cached(text: str) -> int:
        return body(client.responses.create(model="gpt-4.1", input=text))["usage"]["input_tokens_details"][
            "cached_tokens"
        ]

    cached("first " * 200)
    cached("long " * 500_000)
    assert cached("second " * 200) == 0
    assert cached("first " * 200) == 0


def test_the_tokens_add_up(client: OpenAI) -> None:
    usage = body(client.responses.create(model="o3", input="Hi " * 50, reasoning={"effort": "low"}))["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens"] > usage["output_tokens_details"]["reasoning_tokens"] > 0


def test_max_output_tokens_cuts_the_answer(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Tell me everything", max_output_tokens=5)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output_text == "Meaning is what you "
    assert response.usage is not None
    assert response.usage.output_tokens == 5


def test_max_output_tokens_may_be_spent_on_reasoning(client: OpenAI) -> None:
    response = client.responses.create(model="o3", input="Hi", max_output_tokens=16, reasoning={"effort": "high"})
    assert response.output_text == ""
    assert body(response)["usage"]["output_tokens_details"] == {"reasoning_tokens": 16}


def test_fields_of_the_answer_can_be_changed(api: FakeResponsesAPI, client: OpenAI) -> None:
    api.enqueue(Reply.answer(model="gpt-next", service_tier="ultrafast"))
    first, second = (client.responses.create(model="gpt-4.1", input="Hi") for _ in range(2))
    assert (first.model, first.service_tier) == ("gpt-next", "ultrafast")
    assert second.model == "gpt-4.1-2025-04-14"


def test_files_and_ids_are_no_text_of_the_prompt(client: OpenAI) -> None:
    def input_tokens(image_url: str) -> int:
        content: Any = [{"type": "input_image", "image_url": image_url}, {"type": "input_text", "text": "What is it?"}]
        response = client.responses.create(model="gpt-4.1", input=[{"role": "user", "content": content}])
        return body(response)["usage"]["input_tokens"]

    assert input_tokens("data:image/png;base64," + "A" * 10_000) == input_tokens("data:,")


def test_a_search_asks_for_what_the_last_message_says(client: OpenAI) -> None:
    content: Any = [{"type": "input_text", "text": "And today?"}, {"type": "input_image", "image_url": "data:,"}]
    history: Any = [
        {"role": "user", "content": "Any good news yesterday?"},
        {"role": "assistant", "content": "None."},
        {"role": "user", "content": content},
    ]
    response = client.responses.create(model="gpt-4.1", tools=[{"type": "web_search"}], input=history)
    assert output(response)[0]["action"]["query"] == "And today?"


def test_text_of_a_message_may_be_a_plain_string(client: OpenAI) -> None:
    history: Any = [{"role": "user", "content": "News?"}]
    response = client.responses.create(model="gpt-4.1", tools=[{"type": "web_search"}], input=history)
    assert output(response)[0]["action"]["query"] == "News?"
    nothing = client.responses.create(model="gpt-4.1", tools=[{"type": "web_search"}], input=[])
    assert output(nothing)[0]["action"]["query"] == ""
