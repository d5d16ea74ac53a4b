"""Showing calls while they arrive: a tree that redraws itself on a terminal, one line for each call elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.text import Text

from otel_responses.cli.calls import Call
from otel_responses.cli.conversationview import ConversationView
from otel_responses.cli.figures import counted, seconds, tokens
from otel_responses.cli.summary import metrics_table, summary_text
from otel_responses.cli.telemetry import Arrived, Telemetry
from otel_responses.cli.tree import NO_SESSION, build_sessions
from otel_responses.cli.treeview import TreeView, call_text, session_text

__all__ = ["Screen", "call_line", "follow", "report", "say", "showing"]

UPDATE_SECONDS = 0.25
LIVE_CONVERSATIONS = 20  # of the newest calls: more than fit on a screen, and no work to draw four times a second


class Screen(Protocol):
    """Where arriving calls are shown."""

    def update(self) -> None:
        """Show what came since the last update."""
        ...


@contextmanager
def showing(console: Console, telemetry: Telemetry) -> Generator[Screen]:
    """Show `telemetry` on the console as it fills; at the end the whole tree, the summary and the metrics.

    Conversations are shown once: in the tree on a terminal, after the line of their call elsewhere.
    """
    if console.is_terminal and not console.is_dumb_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            yield _LiveTree(live, telemetry)
        console.print(report(telemetry.arrived()))
    else:
        lines = _Lines(console, telemetry)
        yield lines
        lines.update()
        console.print()
        console.print(report(telemetry.arrived(conversations=0)))


def follow(telemetry: Telemetry, screen: Screen, *, until: Callable[[], bool]) -> None:
    """Keep the screen up to date until something is true, which is asked four times a second."""
    while not until():
        if telemetry.wait(UPDATE_SECONDS):
            screen.update()


def report(arrived: Arrived) -> RenderableType:
    """The whole tree, the summary and the metrics."""
    metrics = ["", metrics_table(arrived.metrics)] if arrived.metrics else []
    return Group(_tree(arrived), *metrics)


def say(console: Console, sentence: str, *, style: str = "") -> None:
    """Print a sentence as it is, above the tree where that is being redrawn."""
    console.print(Text(sentence, style), soft_wrap=True)


def call_line(call: Call) -> Text:
    """A call on one line of a log, with all that the tree would say."""
    return _joined(
        _place(call),
        Text(call.path),
        call_text(call),
        Text(_usage(call)),
        Text(f"first chunk {seconds(call.first_chunk)}" if call.first_chunk is not None else ""),
        Text(seconds(call.duration)),
    )


def late_line(call: Call) -> Text:
    """The line before a conversation that came after its call was told."""
    return _joined(_place(call), Text(call.path), call_text(call), Text("(its messages came later)", "dim"))


class _LiveTree:
    def __init__(self, live: Live, telemetry: Telemetry) -> None:
        self._live = live
        self._telemetry = telemetry

    def update(self) -> None:
        arrived = self._telemetry.arrived(conversations=LIVE_CONVERSATIONS)
        self._live.update(_Tail(_tree(arrived)), refresh=True)


class _Lines:
    def __init__(self, console: Console, telemetry: Telemetry) -> None:
        self._console = console
        self._telemetry = telemetry

    def update(self) -> None:
        for unseen in self._telemetry.unseen_calls():
            line = late_line(unseen.call) if unseen.is_late else call_line(unseen.call)
            self._console.print(line, soft_wrap=True)
            if unseen.call.conversation:
                self._console.print(ConversationView(unseen.call.conversation))


class _Tail:
    """The last lines that the terminal has room for, with a note of how many there are above."""

    def __init__(self, content: RenderableType) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._content, options, pad=False, new_lines=True)
        above = max(0, len(lines) - console.size.height + 2)
        if above:
            yield Text(f"{counted(above, 'line')} above; the whole tree comes at the end (Ctrl-C)", "dim")
        for line in lines[above:]:
            yield from line


def _tree(arrived: Arrived) -> Group:
    tree = [TreeView(build_sessions(arrived.calls)), Text()] if arrived.calls else []
    return Group(*tree, summary_text(arrived))


def _place(call: Call) -> Text:
    return session_text(call.session_name or ("" if call.session_id else NO_SESSION), call.session_id)


def _joined(*parts: Text) -> Text:
    return Text("  ").join(part for part in parts if part)


def _usage(call: Call) -> str:
    if call.input_tokens is None and call.output_tokens is None:
        return ""
    parts = {"cached": call.cached_tokens, "reasoning": call.reasoning_tokens}
    details = ", ".join(f"{tokens(count)} {name}" for name, count in parts.items() if count)
    return f"{tokens(call.input_tokens or 0)} in / {tokens(call.output_tokens or 0)} out" + f" ({details})" * bool(
        details
    )
