"""Texts of others for a reader's eye: what would not be seen is shown, and what is long is cut short."""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0373\u3040-\u30ff\u4e00-\u9fff]")
"""Most of what needs a look; the others are visible letters."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def visible(text: str) -> str:
    """`text` with each control character, direction mark, other format mark and lone surrogate as its number, ⟨U+202E⟩.

    Line breaks are one character each. Joiners stay, since scripts and emoji need them.
    """
    return _SUSPECT.sub(_shown, text.replace("\r\n", "\n").replace("\r", "\n"))


def _shown(found: re.Match[str]) -> str:
    character = found.group()
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"


def clipped(text: str, width: int = 300) -> str:
    """`text` on one line of at most `width` characters, with all that it holds still visible."""
    line = " ".join(text[: 4 * width].split())
    return line if len(line) <= width and len(text) <= 4 * width else line[: max(width - 1, 0)] + "…"
