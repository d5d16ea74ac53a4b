"""Which requests get a span, by method and path."""

from __future__ import annotations

import pytest

from otel_responses._patch.routes import operation_of, response_id

pytestmark = pytest.mark.matrix


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        pytest.param("post", "/responses", "chat", id="create"),
        pytest.param("POST", "/responses/?beta=true", "chat", id="create_beta"),
        pytest.param("post", "https://other.example/v1/responses?at=/responses/compact", "chat", id="absolute"),
        pytest.param("post", "https://gateway.example/responses/v1/responses", "chat", id="gateway_of_that_name"),
        pytest.param("post", "/responses/compact", "compaction", id="compact"),
        pytest.param("get", "/responses/resp_1", "fetch_response", id="retrieve"),
        pytest.param("get", "/responses/resp_1/?stream=true", "fetch_response", id="retrieve_stream"),
        pytest.param("get", "/responses/compact", "fetch_response", id="an_id_may_be_any_word"),
        pytest.param("get", "/responses", None, id="no_such_list"),
        pytest.param("post", "/responses/resp_1", None, id="no_such_update"),
        pytest.param("post", "/responses/resp_1/cancel", None, id="cancel"),
        pytest.param("delete", "/responses/resp_1", None, id="delete"),
        pytest.param("get", "/responses/resp_1/input_items", None, id="input_items"),
        pytest.param("post", "/responses/input_tokens", None, id="input_tokens"),
        pytest.param("post", "/responses_of_tomorrow", None, id="another_word"),
        pytest.param("post", "/chat/completions", None, id="chat_completions"),
        pytest.param("get", "/files?after=/responses/resp_1", None, id="in_the_query"),
    ],
)
def test_a_route(method: str, url: str, operation: str | None) -> None:
    assert operation_of(method, url) == operation


def test_the_id_of_a_response_is_the_last_segment() -> None:
    assert response_id("/responses/resp_1?stream=true") == "resp_1"
    assert response_id("/responses/a%20b/") == "a b"
