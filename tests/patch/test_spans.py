"""Whole spans and metrics, as they leave."""

from __future__ import annotations

from typing import Any

import pytest
from inline_snapshot import snapshot

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply, capture

pytestmark = pytest.mark.matrix


def test_a_call(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    with otel_responses.session("Trip", id="s-1", user="u-1", properties={"Plan": "pro"}, path="/plan"):
        client.responses.create(
            model="gpt-4.1",
            input="Where to?",
            instructions="Be brief.",
            max_output_tokens=100,
            temperature=0.2,
            top_p=0.9,
            text={"format": {"type": "json_object"}},
            extra_body={  # which openai 1.66 has no arguments for
                "conversation": "conv_1",
                "prompt": {"id": "pmpt_1", "version": "2"},
                "service_tier": "flex",
            },
        )
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600002000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.conversation.id": "conv_1",
                    "gen_ai.operation.name": "chat",
                    "gen_ai.output.type": "json",
                    "gen_ai.prompt.name": "pmpt_1",
                    "gen_ai.prompt.version": "2",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.max_tokens": 100,
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.request.temperature": 0.2,
                    "gen_ai.request.top_p": 0.9,
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.usage.input_tokens": 13,
                    "gen_ai.usage.output_tokens": 23,
                    "helicone.property.Plan": "pro",
                    "helicone.session.id": "s-1",
                    "helicone.session.name": "Trip",
                    "helicone.session.path": "/plan",
                    "helicone.user.id": "u-1",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0001",
                    "openai.request.service_tier": "flex",
                    "openai.response.service_tier": "flex",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                    "session.id": "s-1",
                    "user.id": "u-1",
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )


def test_a_stream(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    first = client.responses.create(model="o4-mini", input="Why?")
    telemetry.clear()
    stream = client.responses.create(
        model="o4-mini", input="Really?", reasoning={"effort": "high"}, previous_response_id=first.id, stream=True
    )
    for _ in stream:
        pass
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat o4-mini",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000002",
                "span_id": "0000000000000002",
                "parent": None,
                "start": 1767225600004000000,
                "end": 1767225600030000000,
                "duration": 0.026,
                "attributes": {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "o4-mini",
                    "gen_ai.request.previous_response.id": "resp_0001",
                    "gen_ai.request.reasoning.level": "high",
                    "gen_ai.request.stream": True,
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0002",
                    "gen_ai.response.model": "o4-mini-2025-04-16",
                    "gen_ai.response.time_to_first_chunk": 0.004,
                    "gen_ai.usage.input_tokens": 35,
                    "gen_ai.usage.output_tokens": 468,
                    "gen_ai.usage.reasoning.output_tokens": 448,
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0002",
                    "openai.response.service_tier": "default",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                },
                "events": [],
                "links": [
                    {"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001", "attributes": {}}
                ],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )


def test_a_call_that_fails_after_two_retries(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(*[Reply.error(429, retry_after=0) for _ in range(3)])
    with pytest.raises(Exception, match="429"):
        api.client(max_retries=2).responses.create(model="gpt-4.1", input="Hello!")
    assert len(api.requests) == 3
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "ERROR", "description": "429"},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600001000000,
                "duration": 0.001,
                "attributes": {
                    "error.type": "429",
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.response.finish_reasons": ["error"],
                    "http.request.resend_count": 2,
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0003",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )


def test_the_metrics_of_a_call(api: FakeResponsesAPI, telemetry: Capture) -> None:
    details = {"input_tokens_details": {"cached_tokens": 8}, "output_tokens_details": {"reasoning_tokens": 3}}
    api.enqueue(Reply.answer(usage={"input_tokens": 20, "output_tokens": 10, "total_tokens": 30, **details}))
    for _ in api.client().responses.create(model="gpt-4.1", input="Hello!", stream=True):
        pass
    assert [short(metric) for metric in telemetry.metrics()] == snapshot(
        [
            {
                "name": "gen_ai.client.inference.usage.cache_read.input_tokens",
                "kind": "sum",
                "unit": "{token}",
                "description": "Input tokens read from the prompt cache.",
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
                "points": [
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.token.modality": "unknown",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "value": 8,
                        "exemplars": [],
                    }
                ],
            },
            {
                "name": "gen_ai.client.inference.usage.reasoning.output_tokens",
                "kind": "sum",
                "unit": "{token}",
                "description": "Output tokens spent on reasoning.",
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
                "points": [
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.token.modality": "unknown",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "value": 3,
                        "exemplars": [],
                    }
                ],
            },
            {
                "name": "gen_ai.client.operation.duration",
                "kind": "histogram",
                "unit": "s",
                "description": "Duration of a call, from the request to its last byte.",
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
                "points": [
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "count": 1,
                        "sum": 0.024,
                        "exemplars": [
                            {
                                "value": 0.024,
                                "trace_id": "00000000000000000000000000000001",
                                "span_id": "0000000000000001",
                            }
                        ],
                    }
                ],
            },
            {
                "name": "gen_ai.client.operation.time_to_first_chunk",
                "kind": "histogram",
                "unit": "s",
                "description": "Time to the first output event of a stream.",
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
                "points": [
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "count": 1,
                        "sum": 0.004,
                        "exemplars": [
                            {
                                "value": 0.004,
                                "trace_id": "00000000000000000000000000000001",
                                "span_id": "0000000000000001",
                            }
                        ],
                    }
                ],
            },
            {
                "name": "gen_ai.client.token.usage",
                "kind": "histogram",
                "unit": "{token}",
                "description": "Tokens of a call, by type.",
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
                "points": [
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.token.type": "input",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "count": 1,
                        "sum": 20,
                        "exemplars": [
                            {"value": 20, "trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001"}
                        ],
                    },
                    {
                        "attributes": {
                            "gen_ai.operation.name": "chat",
                            "gen_ai.provider.name": "openai",
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.token.type": "output",
                            "openai.response.service_tier": "default",
                            "server.address": "api.openai.com",
                            "server.port": 443,
                        },
                        "count": 1,
                        "sum": 10,
                        "exemplars": [
                            {"value": 10, "trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001"}
                        ],
                    },
                ],
            },
        ]
    )


def test_the_names_of_the_unreleased_conventions(api: FakeResponsesAPI) -> None:
    details = {"input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 4}}
    api.enqueue(Reply.answer(usage={"input_tokens": 20, "output_tokens": 10, "total_tokens": 30, **details}))
    with capture(fixed=True) as telemetry:
        otel_responses.instrument(**telemetry.providers, latest_experimental=True)
        for _ in api.client().responses.create(model="gpt-4.1", input="Hello!", stream=True):
            pass
        otel_responses.uninstrument()
    (span,) = telemetry.spans()
    assert span["scope"] == snapshot({"name": "otel_responses", "version": "0.1.0", "schema_url": ""})
    assert {name for name in span["attributes"] if "usage" in name} == snapshot(
        {
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        }
    )
    assert [metric["name"] for metric in telemetry.metrics()] == snapshot(
        [
            "gen_ai.client.inference.duration",
            "gen_ai.client.inference.operation.input_tokens",
            "gen_ai.client.inference.operation.output_tokens",
            "gen_ai.client.inference.time_to_first_chunk",
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "gen_ai.client.inference.usage.input_tokens",
            "gen_ai.client.inference.usage.output_tokens",
        ]
    )


def short(metric: dict[str, Any]) -> dict[str, Any]:
    """A metric without its buckets, which the recorder's tests look at."""
    points = [
        {name: value for name, value in point.items() if name not in {"bounds", "buckets"}}
        for point in metric["points"]
    ]
    return {**metric, "points": points}
