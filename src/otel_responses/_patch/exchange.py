"""One request of the SDK and its reply, from the four patched methods' point of view."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from otel_responses._call import Call
from otel_responses._mapping.body import read_body
from otel_responses._mapping.response import FINISHED, read_reply
from otel_responses._patch.bodies import AsyncBody, Body, Tee
from otel_responses._patch.streams import follow_stream, is_stream
from otel_responses._records import NO_OUTCOME, Outcome
from otel_responses._safe import guard, log_once

__all__ = ["AsyncExchange", "Exchange"]


class Exchange:
    """Stands in the options as `post_parser`: the SDK shows it every result it parses, plain, raw and streaming.

    It is shown a result before a structured output is validated, so the usage of a call whose validation fails is kept.
    """

    __slots__ = ("_encoding", "_events", "_has_returned", "_outcome", "_post_parser", "_response", "call")

    _body: ClassVar[type[Body | AsyncBody]] = Body

    def __init__(self, call: Call, post_parser: Any) -> None:
        self.call = call
        self._post_parser = post_parser or None  # the SDK's "not given" sentinels are false
        self._response: Any = None
        self._encoding: str | None = None
        self._events: Any = None
        self._outcome: Outcome | None = None
        self._has_returned = False

    def __call__(self, parsed: Any) -> Any:
        try:
            self._observe(parsed)
        except Exception as error:  # noqa: BLE001 - as in guard(), without its frame
            log_once("Exchange._observe", error)
        if self._post_parser is not None:
            try:
                parsed = self._post_parser(parsed)
            except BaseException as error:
                if self._has_returned:  # or else `request` itself ends the call
                    self._settle(error)
                raise
        if self._has_returned:
            self._settle()
        return parsed

    def replied(self, response: Any, retries: object) -> None:
        """Take the HTTP response, before the SDK does anything with it."""
        try:
            self.call.replied(response.headers, retries)
            self._response = response
            if not response.is_closed:
                self._follow(response)
        except Exception as error:  # noqa: BLE001 - as in guard(), without its frame
            log_once("Exchange.replied", error)

    def failed(self, error: BaseException) -> None:
        """Take the exception that the SDK's `request` raised."""
        self._has_returned, self._response = True, None
        self.call.failed(error, self._outcome)

    def returned(self) -> None:
        """Take note that the SDK's `request` returned: what is not parsed by now may be parsed later, or never."""
        response, self._response = self._response, None
        self._has_returned = True
        if self._outcome is not None:
            self.call.completed(self._outcome)
        elif self._events is None:
            self._returned_unparsed(response)

    @guard
    def _returned_unparsed(self, response: Any) -> None:
        if response is None or response.is_closed:
            self.call.completed(NO_OUTCOME if response is None else read_body(response.content))

    def starts(self) -> Tee | None:
        """Keep what passes of a body that no followed stream reads."""
        if self._events is not None:
            return None
        tee = Tee(self._encoding)
        self.call.reads(partial(tee.outcome, is_read=False))
        return tee

    @guard
    def broken(self, error: Exception) -> None:
        """Take the error of a body that the caller reads; one inside of `request` may be tried again."""
        if self._events is None and self._has_returned:
            self.call.failed(error)

    @guard
    def closed(self, tee: Tee | None, *, is_read: bool) -> None:
        """Take the close of the body.

        The SDK's own generator closes it too, at its end, at an error and while it is collected: how the stream ended
        is then seen by our iterator around that generator, or by the weak reference.
        """
        if self._events is not None and _is_running(self._events):
            return
        outcome = NO_OUTCOME if self._events is not None or tee is None else tee.outcome(is_read=is_read)
        if (is_read and tee is not None) or outcome.status in FINISHED:
            self.call.completed(outcome)
        else:
            self.call.closed()

    def _follow(self, response: Any) -> None:
        """See how the body of a response ends that is not read yet."""
        self._encoding = response.headers.get("content-encoding")
        self.call.watch(response)
        response.stream = self._body(response.stream, self)

    def _observe(self, parsed: Any) -> None:
        if is_stream(parsed):
            self._events = follow_stream(parsed, self.call)
        else:
            self._outcome = read_reply(parsed, is_detailed=self.call.is_detailed)

    def _settle(self, error: BaseException | None = None) -> None:
        """End the call with what was parsed after `request` returned."""
        if error is not None:
            self.call.failed(error, self._outcome)
        elif self._outcome is not None:
            self.call.completed(self._outcome)


class AsyncExchange(Exchange):
    """That of an async client."""

    __slots__ = ()

    _body = AsyncBody


def _is_running(events: Any) -> bool:
    return bool(getattr(events, "gi_running", False) or getattr(events, "ag_running", False))
