"""The format of whether pairs of claims say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from contemplate.agents.numbered import Vocabulary
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Found, Json

_WORDS = Vocabulary(
    sure={
        "same": "same|identical|equivalent|synonymous|(?:no|not)\\sdifferen(?:t|ce)",
        "different": r"different|distinct|unrelated|opposite|contradict\w{0,8}|not\s(?:the\s)?(?:same|identical|equivalent)",
    },
    loose={"same": "equal|yes|true", "different": "no|false|unclear|unsure|similar|related"},
)


def same_pairs(pairs: Sequence[tuple[str, str]]) -> ReplyFormat:
    """Whether each of several pairs of texts, numbered from 1, says the same; found as `same`, in their order.

    Any reply can be read: a pair of which it says nothing clear is different.
    """
    numbers = [str(number) for number in range(1, len(pairs) + 1)]

    def said(found: Mapping[int, str], *, words: str | None = None) -> Parsed:
        return Parsed(found=Found(same=tuple(found.get(number) == "same" for number in range(len(pairs))), words=words))

    def read(text: str) -> Parsed:
        echoes = [text for pair in pairs for text in pair]
        return said({number: label for number, (label, _) in _WORDS.read(text, len(pairs), echoes).items()})

    def from_object(row: Json) -> Parsed:
        found = dict(_entries(of.value(row, "pairs") or row, numbers))
        return said(found, words="\n".join(f"{number + 1}. {label}" for number, label in sorted(found.items())))

    rule: Json = {
        "type": "object",
        "description": 'an object with "same" or "different" for each number',
        "properties": {number: {"type": "string", "enum": ["same", "different"]} for number in numbers},
        "required": numbers,
        "additionalProperties": False,
    }
    tagged = f'Write one line for each of the {len(pairs)} pairs: its number, then "same" or "different", as in "1. different".'
    return ReplyFormat(tagged, read, {"pairs": rule}, from_object)


def _entries(given: object, numbers: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The labels that an object gives, by the numbers of pairs; or a list of as many as there are pairs."""
    if isinstance(given, list) and len(cast("list[object]", given)) == len(numbers):
        given = dict(zip(numbers, cast("list[object]", given), strict=True))
    if not isinstance(given, dict):
        return
    for name, word in cast("dict[str, object]", given).items():
        number = of.number_in(name, 1, len(numbers), "pair")
        label = _WORDS.label(word) if isinstance(word, str) else {True: "same", False: "different"}.get(word is True)
        if number is not None and label is not None:
            yield int(number) - 1, label
