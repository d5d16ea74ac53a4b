"""The error bodies of the real API."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["error_body"]


class _Usual(NamedTuple):
    """What the API usually says with a status."""

    type: str
    code: str | None
    message: str


USUAL: dict[int, _Usual] = {
    400: _Usual("invalid_request_error", None, "We could not parse the JSON body of your request."),
    401: _Usual("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: _Usual("invalid_request_error", "model_not_found", "Project does not have access to this model."),
    404: _Usual("invalid_request_error", None, "Not found."),
    409: _Usual("invalid_request_error", "conversation_locked", "Another process is operating on this conversation."),
    429: _Usual("tokens", "rate_limit_exceeded", "Rate limit reached. Please try again later."),
    500: _Usual("server_error", None, "The server had an error while processing your request. Sorry about that!"),
    503: _Usual("server_error", None, "The server is overloaded or not ready yet."),
}
UNKNOWN_CLIENT_ERROR = _Usual("invalid_request_error", None, "The request was refused.")


def error_body(
    status: int, *, message: str | None = None, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """The body for an HTTP error; `message` and `code` take the place of the usual ones."""
    usual = USUAL.get(status, USUAL[500] if status >= 500 else UNKNOWN_CLIENT_ERROR)
    return {
        "error": {
            "message": message or usual.message,
            "type": usual.type,
            "param": param,
            "code": code or usual.code,
        }
    }
