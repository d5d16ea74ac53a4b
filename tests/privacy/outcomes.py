"""The ways a call can end, each with a canary in every place that it has."""

from __future__ import annotations

import asyncio
import base64
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import openai
from pydantic import BaseModel, field_validator

from otel_responses import session
from otel_responses.testing import FakeResponsesAPI, Reply
from tests.privacy.places import canary
from tests.privacy.wire import message, output, request, response, text

__all__ = ["OUTCOMES", "make_call"]

Wire = dict[str, Any]
COMPACT = {"model", "input", "instructions", "previous_response_id", "extra_headers", "extra_query", "extra_body"}
TERMINAL = {"response.completed", "response.failed", "error"}
HEADERS = {"x-request-id": canary("request_id"), "x-custom": canary("response_header")}


def client(api: FakeResponsesAPI, user_info: str = "") -> Any:
    return api.client(
        api_key=canary("api_key"),
        organization=canary("organization"),
        project=canary("project"),
        base_url=f"https://{user_info}canary-host-canary.example/{canary('url_path')}/v1",
        default_headers={"X-Client": canary("client_header")},
        default_query={"client": canary("url_query")},
        max_retries=0,
    )


def create(api: FakeResponsesAPI, **more: Any) -> Any:
    return client(api).responses.create(**request(), **more)


def stream(api: FakeResponsesAPI) -> Iterator[Any]:
    return create(api, stream=True)


def events(*last: Wire) -> list[Wire]:
    """A stream of items and deltas, and how it ends."""
    pending = response(status="in_progress", output=[], usage=None)
    done: list[Wire] = []
    for index, item in enumerate(output()[:-1]):
        done += [
            {"type": "response.output_item.added", "output_index": index, "item": {**item, "status": "in_progress"}},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]
    index = len(output())
    call = {"type": "function_call", "id": "fc_9", "call_id": "call_9", "name": "add", "arguments": ""}
    begun = {**message(""), "id": "msg_9", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": "", "annotations": []}
    where = {"output_index": index + 1, "item_id": "msg_9", "content_index": 0}
    numbered = [
        {"type": "response.created", "response": pending},
        *done,
        {"type": "response.output_item.added", "output_index": index, "item": call},
        {
            "type": "response.function_call_arguments.delta",
            "output_index": index,
            "item_id": "fc_9",
            "delta": canary("arguments_delta"),
            "obfuscation": canary("event_extra"),
        },
        {"type": "response.output_item.added", "output_index": index + 1, "item": begun},
        {"type": "response.content_part.added", **where, "part": part},
        {
            "type": "response.output_text.delta",
            **where,
            "delta": text("delta"),
            "logprobs": [{"token": canary("logprobs"), "logprob": 0.0}],
            "obfuscation": canary("event_extra"),
        },
        {"type": "an.event.of.tomorrow", "said": canary("event_extra")},
        *last,
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(numbered)]


COMPLETED: Wire = {"type": "response.completed", "response": response()}
FAILURE: Wire = {"code": canary("error_code"), "message": text("failed_message")}
FAILED = response(status="failed", error=FAILURE, output=[], usage=None)
INCOMPLETE = response(status="incomplete", incomplete_details={"reason": canary("reason")})


def plain(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(response(), headers=HEADERS))
    create(api)


def unparsed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(response(), headers=HEADERS))
    _ = client(api).responses.with_raw_response.create(**request()).http_response.json()


def streaming_response_unread(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(response(), headers=HEADERS))
    with client(api).responses.with_streaming_response.create(**request()):
        pass


def in_prose(api: FakeResponsesAPI) -> None:
    for changed in (
        {"status": "failed", "error": {"code": text("code_in_prose"), "message": "m"}},
        {"status": "incomplete", "incomplete_details": {"reason": text("reason_in_prose")}},
        {"service_tier": text("tier_in_prose")},
    ):
        api.enqueue(Reply.json(response(**changed), headers=HEADERS))
        create(api)


def failed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(FAILED, headers=HEADERS))
    create(api)


def incomplete(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(INCOMPLETE, headers=HEADERS))
    create(api)


def http_error(api: FakeResponsesAPI) -> None:
    error = {
        "message": text("error_message"),
        "type": "x",
        "param": None,
        "code": canary("error_code"),
        "x": canary("error_body"),
    }
    api.enqueue(Reply.json({"error": error}, status=400, headers=HEADERS))
    with suppress(Exception):
        create(api)


def http_error_that_quotes_the_headers(api: FakeResponsesAPI) -> None:
    """As some gateways answer to a key they do not know."""
    names = ("api_key", "organization", "project", "client_header", "call_header")
    said = " ".join((text("error_message"), *map(canary, names), f"Bearer {canary('api_key')}"))
    for status in (400, 401, 403, 500):
        error = {"message": said, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
        api.enqueue(Reply.json({"error": error}, status=status, headers=HEADERS))
        with suppress(Exception):
            create(api)


def http_error_that_quotes_the_user(api: FakeResponsesAPI) -> None:
    user_info = f"{canary('url_user')}:{canary('url_password')}"
    header = f"Basic {base64.b64encode(user_info.encode()).decode()}"
    api.enqueue(Reply.json({"error": {"message": f"{text('error_message')} {header}"}}, status=401, headers=HEADERS))
    with suppress(Exception):
        client(api, f"{user_info}@").responses.create(**request())


def no_json(api: FakeResponsesAPI) -> None:
    for status in (200, 502):
        api.enqueue(Reply.text(f"<html>{text('error_body')}</html>", status=status))
        with suppress(Exception):
            create(api)


def no_connection(api: FakeResponsesAPI) -> None:
    for fault in ("refused", "reset", "timeout"):
        api.enqueue(Reply.broken(fault))
        with suppress(Exception):
            create(api)


class Answer(BaseModel):
    answer: int


def canary_exception_function_canary(value: object) -> object:
    raise type(canary("exception_class"), (Exception,), {})(text("exception_message"))


class Checked(BaseModel):
    answer: object

    @field_validator("answer")
    @classmethod
    def check(cls, value: object) -> object:
        return canary_exception_function_canary(value)


def parsed(api: FakeResponsesAPI, text_format: type[BaseModel]) -> None:
    body = {name: value for name, value in request().items() if name not in {"text", "conversation"}}
    answer = message('{"answer": "' + canary("validation_input") + '"}')
    api.enqueue(Reply.json(response(output=[answer]), headers=HEADERS))
    with suppress(Exception):
        client(api).responses.parse(**body, text_format=text_format)


def validation_error(api: FakeResponsesAPI) -> None:
    parsed(api, Answer)


def exception_of_the_program(api: FakeResponsesAPI) -> None:
    parsed(api, Checked)


def streamed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.events(events(COMPLETED), headers=HEADERS))
    for _ in stream(api):
        pass


def streamed_to_failure(api: FakeResponsesAPI) -> None:
    for last in (
        {"type": "response.failed", "response": FAILED},
        {"type": "error", "code": canary("error_code"), "message": text("event_error_message"), "param": None},
        {"type": "response.incomplete", "response": INCOMPLETE},
    ):
        api.enqueue(Reply.events(events(last), headers=HEADERS))
        with suppress(Exception):
            for _ in stream(api):
                pass


def streamed_unparsed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.events(events(COMPLETED), headers=HEADERS))
    with client(api).responses.with_streaming_response.create(**request(), stream=True) as reply:
        _ = reply.read()


def cut(api: FakeResponsesAPI) -> None:
    for reply in (Reply.events(events(), headers=HEADERS), Reply.events(events(), headers=HEADERS).cut()):
        api.enqueue(reply)
        with suppress(Exception):
            for _ in stream(api):
                pass


def closed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.events(events(COMPLETED), headers=HEADERS))
    opened: Any = stream(api)
    for event in opened:
        if event.type == "response.output_text.delta":
            break
    opened.close()


def dropped(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.events(events(COMPLETED), headers=HEADERS))
    opened: Any = stream(api)
    for event in opened:
        if event.type == "response.output_text.delta":
            break
    del opened
    gc.collect()


def raised_inside(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.events(events(COMPLETED), headers=HEADERS))
    with suppress(RuntimeError), stream(api) as opened:  # pyright: ignore[reportGeneralTypeIssues] - a Stream is one
        for _ in opened:
            raise RuntimeError(canary("not_recorded"))


def fetched(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.json(response(), headers=HEADERS), Reply.events(events(COMPLETED), headers=HEADERS))
    opened = client(api)
    opened.responses.retrieve(canary("response_id"))
    for _ in opened.responses.retrieve(canary("response_id"), stream=True):
        pass


def in_background(api: FakeResponsesAPI) -> None:
    queued = response(status="queued", output=[], usage=None, background=True)
    api.enqueue(Reply.json(queued, headers=HEADERS), Reply.json(response(background=True), headers=HEADERS))
    opened = client(api)
    created = opened.responses.create(**request(), background=True)
    opened.responses.retrieve(created.id)


def compacted(api: FakeResponsesAPI) -> None:
    body = {name: value for name, value in request().items() if name in COMPACT}
    api.enqueue(Reply.json(response(object="response.compaction"), headers=HEADERS))
    client(api).responses.compact(**body)


def over_websocket(api: FakeResponsesAPI) -> None:
    body = {name: value for name, value in request().items() if not name.startswith("extra_")}
    refused = {
        "type": "error",
        "status": 400,
        "error": {"code": canary("error_code"), "message": text("event_error_message")},
    }
    api.enqueue(Reply.events(events(COMPLETED)), Reply.events(events({"type": "response.failed", "response": FAILED})))
    api.enqueue(Reply.events([refused]), Reply.events(events()))
    with api.serve() as url:
        opened: Any = openai.OpenAI(
            api_key=canary("api_key"),
            base_url=url,
            websocket_base_url=url.replace("http", "ws"),
            default_headers={"X-Client": canary("client_header")},
        )
        with opened.responses.connect(extra_headers={"X-Call": canary("call_header")}) as connection:
            # The last turn is left before its end.
            for last in (*[TERMINAL] * 3, {"an.event.of.tomorrow"}):
                connection.response.create(**body)
                while connection.recv().type not in last:
                    pass


def asynchronous(api: FakeResponsesAPI) -> None:
    async def call() -> None:
        async with api.async_client(api_key=canary("api_key"), max_retries=0) as opened:
            await opened.responses.create(**request())
            async for _ in await opened.responses.create(**request(), stream=True):
                pass
            with suppress(Exception):
                await opened.responses.create(**request())
            async for _ in await opened.responses.create(**request(), stream=True):
                break

    api.enqueue(Reply.json(response(), headers=HEADERS), Reply.events(events(COMPLETED), headers=HEADERS))
    api.enqueue(Reply.error(400, text("error_message")), Reply.events(events(COMPLETED), headers=HEADERS))
    asyncio.run(call())
    gc.collect()


OUTCOMES: Mapping[str, Callable[[FakeResponsesAPI], None]] = {
    one.__name__: one
    for one in (
        *(plain, unparsed, streaming_response_unread, in_prose, failed, incomplete),
        *(http_error, http_error_that_quotes_the_headers, http_error_that_quotes_the_user, no_json, no_connection),
        *(validation_error, exception_of_the_program, streamed, streamed_to_failure, streamed_unparsed),
        *(cut, closed, dropped, raised_inside, fetched, in_background, compacted, over_websocket, asynchronous),
    )
}


class RecordingAPI(FakeResponsesAPI):
    """Remembers what went over the wire in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self._replies: list[Reply] = []

    def enqueue(self, *replies: Reply) -> None:
        self._replies += replies
        super().enqueue(*replies)

    def wire(self) -> bytes:
        return f"{self.requests} {self._replies}".encode()


def make_call(outcome: str) -> bytes:
    """Make the call, or the few calls, of an outcome inside a session; return what went over the wire."""
    api = RecordingAPI()
    with session(
        canary("session_name"),
        id=canary("session_id"),
        path=f"/{canary('session_path')}",
        user=canary("session_user"),
        properties={"plan": canary("session_property"), canary("session_property_name"): "x"},
    ):
        OUTCOMES[outcome](api)
    return api.wire()
