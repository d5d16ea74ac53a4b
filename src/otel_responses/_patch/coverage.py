"""The table of the SDK's methods: what becomes of each. The README's table is made from it (`tools/readme.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from otel_responses._patch.routes import RESPONSE_ID

__all__ = ["METHODS", "Covered"]


@dataclass(frozen=True, slots=True)
class Covered:
    """Methods of `client.responses`, alike in sync, async, raw, streaming and beta.

    Attributes:
        methods: `connect()` is what that method returns, `connection` what a `with` around it gives.
        span: The name of the span; None where there is deliberately none.
        text: What the span is, or why there is none.
        route: The HTTP request by which it is seen; None for the WebSocket.
    """

    methods: tuple[str, ...]
    span: str | None
    text: str
    route: tuple[str, str] | None = None


METHODS = (
    Covered(("create", "parse"), "chat {model}", "one for a call, retries included, to the last byte", ("post", "")),
    Covered(("stream",), "chat {model}", "the same; with `response_id` as `retrieve`", ("post", "")),
    Covered(
        ("retrieve",),
        "fetch_response",
        "without tokens, linked to the call that made the response; if it shows a background run of this process "
        "finished, one `chat {model}` more, with the tokens of the run",
        ("get", RESPONSE_ID),
    ),
    Covered(("compact",), "compaction {model}", "with the tokens it takes", ("post", "compact")),
    Covered(
        ("connection.response.create", "connection.send", "connection.send_raw", "connect().send"),
        "chat {model}",
        "one for each turn over the WebSocket, to its terminal event",
    ),
    Covered(
        ("connection.response.steer", "connection.response.inject"),
        None,
        "a message to a turn that is under way; a response that follows from it has a span, linked to the turn's",
    ),
    Covered(
        ("connect", "connect().enter", "connection.close"),
        None,
        "no model runs for it; closing ends the turns that are open",
    ),
    Covered(
        ("connection.recv", "connection.recv_bytes", "connection.parse_event", "connection.dispatch_events"),
        None,
        "reads the events of turns, which have spans",
    ),
    Covered(
        tuple(f"{owner}.{method}" for owner in ("connect()", "connection") for method in ("on", "off", "once")),
        None,
        "sends nothing",
    ),
    Covered(
        ("cancel",),
        None,
        "no model runs for it; what a cancelled run took is counted when it is fetched",
        ("post", f"{RESPONSE_ID}/cancel"),
    ),
    Covered(("delete",), None, "no model runs for it", ("delete", RESPONSE_ID)),
    Covered(("input_items.list",), None, "no model runs for it", ("get", f"{RESPONSE_ID}/input_items")),
    Covered(("input_tokens.count",), None, "no model runs for it", ("post", "input_tokens")),
)
