"""A session as span attributes: Helicone's, and the two general names that other backends group by."""

from __future__ import annotations

from itertools import islice

from otel_responses._records import SessionData
from otel_responses._semconv import (
    HELICONE_PROPERTY,
    HELICONE_SESSION_ID,
    HELICONE_SESSION_NAME,
    HELICONE_SESSION_PATH,
    HELICONE_USER_ID,
    PROPERTIES_MAX,
    SESSION_ID,
    USER_ID,
)

__all__ = ["session_attributes"]


def session_attributes(data: SessionData) -> dict[str, str]:
    """Return the attributes of `data`, with 32 properties at most.

    The conversation is not among them: it belongs to the call, where the request's own wins.
    """
    fields = {
        HELICONE_SESSION_ID: data.id,
        HELICONE_SESSION_NAME: data.name,
        HELICONE_SESSION_PATH: data.path,
        HELICONE_USER_ID: data.user,
        SESSION_ID: data.id,
        USER_ID: data.user,
    }
    attributes = {name: value for name, value in fields.items() if value}
    for name, value in islice(data.properties.items(), PROPERTIES_MAX):
        attributes[HELICONE_PROPERTY + name] = value
    return attributes
