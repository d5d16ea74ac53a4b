"""What secrets and personal data look like: patterns that find them in a text in linear time, whatever the text. Pure.

Each begins where nothing of its own alphabet stands before it, so no stretch of a text is searched twice; what can be
told from a number of the same form by its check digits, is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["CARD", "EMAIL", "IBAN", "KEY", "PHONE", "Pattern"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something to be found in texts and replaced by its name in brackets.

    Attributes:
        name: `email` becomes `[email]`.
        regex: What it looks like; at most, where there is `is_valid`.
        is_valid: Says of a match, or of its first words, whether it is what is looked for; as many as are valid count.
        hints: A text without any of these has none of it, which is found out much faster.
    """

    name: str
    regex: re.Pattern[str]
    is_valid: Callable[[str], bool] | None = None
    hints: tuple[str, ...] = ()

    def replaced(self, text: str) -> str:
        """Return `text` with each of these replaced."""
        label = f"[{self.name}]"
        if self.hints and not any(hint in text for hint in self.hints):
            return text
        if self.is_valid is None:
            return self.regex.sub(lambda _: label, text)
        pieces: list[str] = []
        start = 0
        for begin, end in self._found(text, self.is_valid):
            pieces += (text[start:begin], label)
            start = end
        return "".join((*pieces, text[start:]))

    def _found(self, text: str, is_valid: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
        start = 0
        while match := self.regex.search(text, start):
            begin = match.start()
            ends = [word.end() for word in _WORD.finditer(text, begin, match.end())]
            end = next((end for end in reversed(ends) if _ends_word(text, end) and is_valid(text[begin:end])), None)
            if end is not None:
                yield begin, end
            start = end or begin + 1  # what is none may still hold one: `12 4111 1111 1111 1111`


_WORD = re.compile(r"[0-9A-Za-z]+")
_BETWEEN_WORDS = re.compile(r"[^0-9A-Za-z]+")


def _ends_word(text: str, end: int) -> bool:
    return not text[end : end + 1].isalnum()


# Twice a digit, with the digits of that added.
_DOUBLED = str.maketrans("0123456789", "0246813579")
_LETTERS = str.maketrans({chr(ord("A") + number): str(10 + number) for number in range(26)})


def _has_luhn_digit(text: str) -> bool:
    """Say whether the last digit is the check digit of the others, as on payment cards (ISO/IEC 7812-1)."""
    digits = _BETWEEN_WORDS.sub("", text)[::-1]
    checked = digits[::2] + digits[1::2].translate(_DOUBLED)
    return len(digits) >= 13 and sum(map(int, checked)) % 10 == 0


def _has_iban_digits(text: str) -> bool:
    """Say whether the two check digits of an account number are right (ISO 13616)."""
    account = _BETWEEN_WORDS.sub("", text).upper()
    return len(account) >= 15 and int((account[4:] + account[:4]).translate(_LETTERS)) % 97 == 1


_BLANK = r" \u00a0\u202f"

EMAIL: Final = Pattern(
    "email",
    # The local part is taken whole or not at all, which a lookahead and its group do before Python 3.11.
    re.compile(r"(?<![\w.+-])(?=([\w.+-]+(?:'[\w.+-]+){0,3}))\1(?:@|%40)[\w-]+(?:\.[\w-]+)+"),
    hints=("@", "%40"),
)
"""An address, also percent-encoded in a URL."""

CARD: Final = Pattern(
    "card",
    re.compile(rf"(?<![0-9A-Za-z])[2-6](?:[{_BLANK}-]?[0-9]){{12,18}}"),
    _has_luhn_digit,
)
"""The number of a payment card: 13 to 19 digits, in groups or not, the last of them right."""

IBAN: Final = Pattern(
    "iban",
    re.compile(rf"(?<![0-9A-Za-z])[A-Za-z]{{2}}[0-9]{{2}}(?:[{_BLANK}-]?[0-9A-Za-z]){{11,30}}"),
    _has_iban_digits,
)
"""An international account number, in groups or not, its check digits right."""

PHONE: Final = Pattern(
    "phone",
    # A set of characters comes first, for such a beginning is searched fast.
    re.compile(
        r"[+(2-9](?<![\w+.-].)(?:"
        rf"(?<=\+)[1-9](?:[{_BLANK}()./-]{{0,3}}[0-9]){{7,14}}(?![0-9])"
        rf"|(?:(?<=\()[2-9][0-9]{{2}}\)[{_BLANK}]?|(?<=[2-9])[0-9]{{2}}[{_BLANK}.-])"
        rf"[0-9]{{3}}[{_BLANK}.-][0-9]{{4}}(?!\w))"
    ),
)
"""A telephone number with its country code, or of the form of North America; others look like any number."""

_KEYS = (
    r"sk-[\w-]{16,}",  # OpenAI, Anthropic, Helicone
    r"gh[oprsu]_\w{20,}",
    r"github_pat_\w{20,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)",  # AWS
    r"AIza[\w-]{30,}",  # Google
    r"xox[a-z]-[\w-]{10,}",  # Slack
    r"[prs]k_(?:live|test)_\w{10,}",  # Stripe
    r"glpat-[\w-]{20,}",
    r"(?:hf|npm)_\w{30,}",
    r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?",  # JWT
    r"(?i:bearer)\s+(?=[\w.~+/=-]*[0-9])[\w.~+/=-]{8,}",
)

KEY: Final = Pattern(
    "key",
    re.compile(
        rf"(?<![\w-])(?:{'|'.join(_KEYS)})"
        r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"  # user and password in a URL
        r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-(?!----)[^-]*)*(?:-----END [A-Z ]{0,40}-----)?"
    ),
    hints=(
        *("sk-", "ghp_", "gho_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-", "hf_", "npm_", "xox"),
        *("AKIA", "ASIA", "AIza", "_live_", "_test_", "eyJ", "earer", "EARER", "://", "-----BEGIN"),
    ),
)
"""A key, token or password, known by its prefix or by where it stands."""
