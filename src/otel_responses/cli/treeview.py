"""The tree on a terminal: guides and names on the left, figures in columns on the right.

Columns that would be empty are left out. A name too long for its place pushes the figures to the next line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from otel_responses.cli.calls import Call
from otel_responses.cli.conversation import NOTHING_SAID, Conversation
from otel_responses.cli.conversationview import conversation_lines
from otel_responses.cli.figures import counted, seconds, tokens
from otel_responses.cli.tree import Branch, Session

__all__ = ["TreeView", "call_text", "session_text"]

GAP = 2
NAME_MIN = 12
SHORT_ID = 8


class Figures(Protocol):
    """What calls and totals have in common."""

    @property
    def input_tokens(self) -> int | None: ...
    @property
    def cached_tokens(self) -> int | None: ...
    @property
    def output_tokens(self) -> int | None: ...
    @property
    def reasoning_tokens(self) -> int | None: ...
    @property
    def first_chunk(self) -> float | None: ...
    @property
    def duration(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the two lines of its heading, and what it shows."""

    heading: tuple[str, str]
    value: Callable[[Figures], str]


COLUMNS = (
    Column(("", "in"), lambda figures: tokens(figures.input_tokens)),
    Column(("", "cached"), lambda figures: tokens(figures.cached_tokens)),
    Column(("", "out"), lambda figures: tokens(figures.output_tokens)),
    Column(("", "reasoning"), lambda figures: tokens(figures.reasoning_tokens)),
    Column(("first", "chunk"), lambda figures: seconds(figures.first_chunk)),
    Column(("", "time"), lambda figures: seconds(figures.duration)),
)


@dataclass(frozen=True, slots=True)
class Guides:
    """The pieces that a tree's lines are made of, each three columns wide."""

    fork: str
    last: str
    line: str
    blank: str = "   "


UNICODE = Guides(fork="├─ ", last="└─ ", line="│  ")
ASCII = Guides(fork="+- ", last="`- ", line="|  ")


@dataclass(frozen=True, slots=True)
class Row:
    """A line to be: `guide` goes before the name, `under` before what has to go on the next lines."""

    guide: str
    under: str
    name: Text
    cells: tuple[str, ...] = ()
    conversation: Conversation = NOTHING_SAID


class TreeView:
    """A rich renderable of some sessions."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._sessions = sessions

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the sessions out for the width at hand."""
        rows = list(_rows(self._sessions, ASCII if options.ascii_only else UNICODE))
        yield from _lay_out(rows, console, options.max_width)


def session_text(name: str, session_id: str) -> Text:
    """A session's name and the beginning of its id."""
    short = session_id if len(session_id) <= SHORT_ID + 4 else session_id[:SHORT_ID]
    return Text("  ").join(Text.assemble(part) for part in ((name, "bold"), (short, "dim")) if part[0])


def call_text(call: Call) -> Text:
    """A call's name and how it ended, where that is worth a word."""
    ending = (
        (call.error, "bold red"),
        (f"{call.ended_by} early" if call.ended_by else "", "yellow"),
        (call.finish if call.finish != "stop" else "", "cyan"),
    )
    notes = [
        next((note for note in ending if note[0]), ("", "")),
        (counted(call.resends, "retry", "retries") if call.resends else "", "yellow"),
    ]
    return Text("  ").join(Text.assemble(part) for part in [(call.label, ""), *notes] if part[0])


def _rows(sessions: Iterable[Session], guides: Guides) -> Iterator[Row]:
    for session in sessions:
        name = session_text(session.name, session.id)
        name.append("  " + counted(session.totals.calls, "call"))
        if session.totals.errors:
            name.append("  " + counted(session.totals.errors, "error"), "red")
        yield Row("", guides.line, name, _cells(session.totals))
        yield from _branch_rows(session.root, "", guides)


def _branch_rows(branch: Branch, indent: str, guides: Guides) -> Iterator[Row]:
    for position, child in enumerate(branch.children, start=1):
        is_last = position == len(branch.children)
        guide = indent + (guides.last if is_last else guides.fork)
        under = indent + (guides.blank if is_last else guides.line)
        if isinstance(child, Call):
            yield Row(guide, under, call_text(child), _cells(child), child.conversation)
        else:
            yield Row(guide, under, Text.assemble((child.name, "blue")))
            yield from _branch_rows(child, under, guides)


def _cells(figures: Figures) -> tuple[str, ...]:
    return tuple(column.value(figures) for column in COLUMNS)


def _lay_out(rows: Sequence[Row], console: Console, width: int) -> Iterator[Text]:
    widths = [_column_width(column, [row.cells[at] for row in rows if row.cells]) for at, column in enumerate(COLUMNS)]
    widest = max((len(row.guide) + row.name.cell_len for row in rows), default=0)
    name_width = max(NAME_MIN, min(widest, width - sum(widths)))
    for line in range(2):
        heading = _cells_text([column.heading[line] for column in COLUMNS], widths)
        if heading.strip():
            yield _line(Text(" " * name_width).append(heading, "dim"))
    for row in rows:
        yield from map(_line, _row_lines(row, name_width, widths))
        yield from conversation_lines(row.conversation, console, guide=row.under, width=width)


def _column_width(column: Column, cells: Iterable[str]) -> int:
    """The gap before a column counts as part of it; a column with nothing in it takes no place."""
    widest = max(map(len, cells), default=0)
    return GAP + max(widest, *map(len, column.heading)) if widest else 0


def _row_lines(row: Row, name_width: int, widths: Sequence[int]) -> Iterator[Text]:
    """One line, where the name fits before the first figure, else two."""
    name = Text().append(row.guide, "dim").append_text(row.name)
    empty = next((at for at, cell in enumerate(row.cells) if cell), len(widths))
    room = name_width + sum(widths[:empty])
    if name.cell_len > room and row.cells:
        name.truncate(name_width + sum(widths), overflow="ellipsis")
        yield name
        name = Text().append(row.under, "dim")
    name.truncate(room, overflow="ellipsis", pad=True)
    yield name.append(_cells_text(row.cells[empty:], widths[empty : len(row.cells)]))


def _cells_text(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True) if width)


def _line(text: Text) -> Text:
    text.rstrip()
    text.no_wrap, text.overflow = True, "crop"
    return text
