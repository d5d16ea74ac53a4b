"""The floor behind wrappers: a program calls the SDK as always, and what is made by hand is made around its methods.

Whoever traces calls that a program makes anywhere has to do this much before reading anything of them: wrap two methods
(one is a call with its retries, the other sees the HTTP response), find out that a request is one of the Responses API,
copy its options to put into them what ties the two together and gets the result, and let the span be the current one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import wrapt
from opentelemetry.context import attach, detach

from benchmarks.floor import Floor

__all__ = ["wrap"]

Wrapped = Callable[..., Any]


class _Exchange:
    """Stands in the options of one request as `post_parser`."""

    __slots__ = ("parsed", "response")

    def __init__(self) -> None:
        self.parsed: Any = None
        self.response: Any = None

    def __call__(self, parsed: Any) -> Any:
        self.parsed = parsed
        return parsed


def wrap(client: openai.OpenAI, floor: Floor) -> None:
    """Let every call of a client be told to `floor`."""

    def request(wrapped: Wrapped, instance: Any, args: Any, kwargs: Any) -> Any:
        options = args[1]
        if options.url != "/responses":
            return wrapped(*args, **kwargs)
        copy, exchange = options.__copy__(), _Exchange()
        vars(copy)["post_parser"] = exchange
        call = floor.begin(options.json_data)
        token = attach(call.context)
        try:
            result = wrapped(args[0], copy, *args[2:], **kwargs)
        finally:
            detach(token)
        floor.end(call, exchange.parsed)
        return result

    def process_response(wrapped: Wrapped, instance: Any, args: Any, kwargs: Any) -> Any:
        exchange = getattr(kwargs["options"], "post_parser", None)
        if isinstance(exchange, _Exchange):
            exchange.response = kwargs["response"]
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(client, "request", request)
    wrapt.wrap_function_wrapper(client, "_process_response", process_response)
