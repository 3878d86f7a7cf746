"""Small tools for text that comes from a model, and is not to be trusted."""

from __future__ import annotations

import re
import unicodedata

from contemplate.text.disarming import disarm as disarm

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,300}(?:\x07|\x1b\\)?|[@-Z\\^_])")
"""What a terminal obeys: colours and cursor moves, titles and links."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""The categories of characters that show nothing of their own."""


def printable(text: str) -> str:
    """Drop what could steer a terminal or a reader's eye: control characters, escapes, direction marks, surrogates."""
    text = _ESCAPE.sub("", text)
    dropped = {ord(one): None for one in set(text) - {"\n", "\t"} if unicodedata.category(one) in _UNSEEN}
    return text.translate(dropped) if dropped else text


def one_line(text: str, width: int = 80) -> str:
    """`text` on one line, printable, cut to at most `width` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"


def token_bound(text: str) -> int:
    """An upper bound on the tokens of `text`: no tokenizer in use makes more than one a UTF-8 byte."""
    return len(text.encode("utf-8", "replace"))
