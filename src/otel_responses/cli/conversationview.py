"""A conversation on a terminal: roles on the left, what was said on the right. Content is never read as markup."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from otel_responses.cli.conversation import Conversation

__all__ = ["ConversationView", "conversation_lines"]

GAP = "  "
ROLE_MIN, ROLE_MAX = 9, 12  # the length of `assistant`, so that the calls of a tree are in line
TEXT_MIN = 20
WIDTH_MAX = 120  # longer lines are hard to read


class ConversationView:
    """A rich renderable of one conversation, under the line of its call."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Wrap the conversation for the width at hand."""
        yield from conversation_lines(self._conversation, console, guide=GAP, width=options.max_width)


def conversation_lines(conversation: Conversation, console: Console, *, guide: str, width: int) -> Iterator[Text]:
    """The lines of a conversation, each after the guide of the tree that it stands in."""
    rows = list(_rows(conversation))
    role_width = max([ROLE_MIN, *(role.cell_len for role, _ in rows)])
    room = max(TEXT_MIN, min(width, WIDTH_MAX) - len(guide) - role_width - len(GAP))
    for role, content in rows:
        role.truncate(role_width, pad=True)
        for line in content.wrap(console, room):
            line.rstrip()
            yield _line(guide, role, line)
            role = Text(" " * role_width)  # noqa: PLW2901 - it is said once


def _rows(conversation: Conversation) -> Iterator[tuple[Text, Text]]:
    """A role and a text for each part; a message says its role with the first."""
    for message in conversation.messages:
        role = message.role
        for part in message.parts:
            gap = GAP if part.label and part.text else ""
            yield _role(role, "cyan dim"), Text.assemble((part.label, "dim"), gap, part.text)
            role = ""
    if conversation.error:
        yield _role("error", "red"), Text(conversation.error)


def _role(role: str, style: str) -> Text:
    text = Text(role, style)
    text.truncate(ROLE_MAX, overflow="ellipsis")
    return text


def _line(guide: str, role: Text, content: Text) -> Text:
    line = Text().append(guide, "dim").append_text(role).append(GAP).append_text(content)
    line.rstrip()
    line.no_wrap, line.overflow = True, "crop"
    return line
