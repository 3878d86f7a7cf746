"""Claims, sentences and faults as agents are shown them: a title and a text each, to be quoted as data."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from contemplate.claims.code import code_in, is_code
from contemplate.claims.composition import Faults, most_certain_first
from contemplate.claims.written import without_mark
from contemplate.text import one_line, printable
from contemplate.types import Claim, Sentence

Shown = tuple[str, str]
"""What something is, and its words."""

_CLAIM, _SENTENCE, _CODE = 600, 800, 4_000
_IN_ALL = 18_000
"""The most characters of claims that are shown at once: the last ones are left out before a quotation is cut in its middle."""
_DRAFTS = 5


def claims(all_claims: Sequence[Claim]) -> list[Shown]:
    """The claims that stand, the surest first, and those that are disputed, as `[3] its words`."""
    shown = [("Claims that stand", _lines(most_certain_first(all_claims, "stands")))]
    disputed = _lines(most_certain_first(all_claims, "disputed"))
    return [*shown, ("Claims that are disputed", disputed)] if disputed else shown


def drafts(replies: Iterable[str], which: Literal["code", "none", "all"], rng: random.Random) -> list[Shown]:
    """What is shown of the seats' own replies beside the claims, in an order of chance, without names.

    Args:
        replies: one of each seat; an empty one is left out.
        which: the longest block of code in each, nothing, or all of each.
        rng: the source of the order.
    """
    if which == "none":
        return []
    texts = [text if which == "all" else code_in(text) for text in replies]
    texts = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    rng.shuffle(texts)
    title = "Code that a member proposed" if which == "code" else "Reply of a member"
    return [(f"{title} ({number})", text) for number, text in enumerate(texts[:_DRAFTS], 1)]


def sentences(shown: Sequence[Sentence], all_claims: Sequence[Claim], left_out: Sequence[Claim]) -> list[Shown]:
    """Numbered sentences, each with the words of the claims that it names; and the claims that no sentence names."""
    words = {claim.id: one_line(claim.text, _CLAIM) for claim in all_claims}
    blocks = []
    for number, sentence in enumerate(shown, 1):
        named = [f"   claim {claim}: {words[claim]}" for claim in sentence.claims if claim in words]
        blocks.append("\n".join([f"{number}. {_on_lines(without_mark(sentence.text))}", *named]))
    quotes = [("Sentences", "\n".join(blocks))]
    return [*quotes, ("Claims that no sentence names", _lines(left_out))] if left_out else quotes


def faults(written: Sequence[Sentence], found: Faults, all_claims: Sequence[Claim]) -> Shown:
    """What is wrong with an answer, place by place."""
    rows = [f"Of the answer as a whole: {flag}." for flag in found.whole]
    for sentence, flags in zip(written, found.flags, strict=True):
        if flags:
            rows.append(f'"{one_line(sentence.text, 200)}": it {"; it ".join(flags)}')
    missing = [claim for claim in all_claims if claim.id in found.left_out]
    if missing:
        rows.append(f"These claims stand, and the answer leaves them out:\n{_lines(missing)}")
    return "What the check found", "\n".join(rows)


def _lines(some: Sequence[Claim]) -> str:
    return "\n".join(_that_fit(f"[{claim.id}] {one_line(claim.text, _CLAIM)}" for claim in some))


def _that_fit(lines: Iterable[str]) -> Iterator[str]:
    room = _IN_ALL
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return
        yield line


def _on_lines(text: str) -> str:
    """A sentence on one line; of code all lines, set in, so that none can pass for a sentence."""
    if not is_code(text):
        return one_line(text, _SENTENCE)
    return "\n      ".join(printable(text)[:_CODE].split("\n"))
