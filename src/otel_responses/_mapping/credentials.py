"""What a server repeats of the request's headers is taken out of its error message: keys are never recorded."""

from __future__ import annotations

from collections.abc import Iterator

from otel_responses._mapping.reading import field, mapping

__all__ = ["without_credentials"]

_LEFT_OUT = "[left out]"
# What every request of the SDK says of itself; an error message may need the words.
_PLAIN = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "host"),
        "user-agent",
    }
)
_PLAIN_PREFIX = "x-stainless-"
# A shorter value is a word, a number or a version, and no secret.
_LENGTH_MIN = 8


def without_credentials(message: str, error: object) -> str:
    """Return an error's message without the values of the headers of its request, such as the API key."""
    for value in sorted(_values(error), key=len, reverse=True):
        message = message.replace(value, _LEFT_OUT)
    return message


def _values(error: object) -> Iterator[str]:
    for name, value in mapping(field(field(error, "request"), "headers")).items():
        if name.lower() in _PLAIN or name.lower().startswith(_PLAIN_PREFIX):
            continue
        # `Bearer sk-...` is quoted without its scheme too.
        yield from (part for part in {value, value.partition(" ")[2]} if len(part) >= _LENGTH_MIN)
