"""Our own generated questions about a long document: facts planted among distractors, and much that has nothing to do with them.

`builtin:needles?tokens=2000&size=20&seed=0`, where

- `tokens` is the length of the document, in tokens of about four bytes, from 500 to 100,000; it is met within a paragraph;
- `facts` is how many planted facts an answer needs, 1 to 3: one number to find, or the sum of two or three that stand in
  different places;
- a question depends on seed, length, facts and its number alone, so that the first 20 of 50 are the 20.

Each document is minutes of an invented firm, in sections with headings. For each fact there are three distractors: the same
article in another store, another article in the same store, and a figure for the same that is said to be withdrawn. Facts stand
at places drawn over the whole document, so that a panel that reads it in parts needs several of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.sets import Entry
from contemplate.seeds import rng
from contemplate.types import Document, Question

MAX_SIZE = 10_000
"""The most questions of one set."""
LEAST, MOST = 500, 100_000
"""The length of documents, in tokens."""

_BYTES_PER_TOKEN = 4
_MOST_FACTS = 3

_STORES = (
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Gorse",
    "Hazel",
    "Ivy",
    "Juniper",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
)
_ARTICLES = (
    "brass hinges", "copper pipes", "oak panels", "steel bolts", "glass jars", "wool blankets", "paper rolls", "clay tiles",
    "rubber seals", "linen sheets", "iron hooks", "cork mats", "wax candles", "tin boxes",
)  # fmt: skip
_PEOPLE = ("Ames", "Boyd", "Cole", "Dunn", "Estes", "Flynn", "Gray", "Hale", "Ibsen", "Jarvis", "Keane", "Lowe", "Munro", "Nash")
_ROOMS = ("yard", "canteen", "office", "workshop", "loading bay", "archive", "garage", "reading room")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_THINGS = ("lamp", "door", "window", "kettle", "ladder", "clock", "heater", "bench")
_STATES = ("was mended", "was painted again", "still squeaks", "was moved to the wall", "is to be replaced in spring")
_SAID = (
    "asked for patience",
    "thanked the night shift",
    "spoke about the weather",
    "read out the rota",
    "closed the meeting early",
)


@dataclass(frozen=True)
class Needles:
    """The choice of questions to generate.

    Attributes:
        tokens: how long a document is, in tokens of about four bytes, from `LEAST` to `MOST`.
        size: how many questions, from 1 to `MAX_SIZE`.
        seed: from 0 to 2**63 - 1; other seeds give other questions.
        facts: how many facts an answer needs, from 1 to 3.
    """

    tokens: int = 2_000
    size: int = 20
    seed: int = 0
    facts: int = 1

    @classmethod
    def of(cls, address: Address) -> Needles:
        """The choice that the options of an address ask for.

        Raises:
            InputError: an option is unknown, or its value is not allowed.
        """
        address.only(("tokens", "size", "seed", "facts"))
        tokens = address.whole("tokens", cls.tokens, LEAST, MOST)
        size = address.whole("size", cls.size, 1, MAX_SIZE)
        seed = address.whole("seed", cls.seed, 0, 2**63 - 1)
        return cls(tokens, size, seed, address.whole("facts", cls.facts, 1, _MOST_FACTS))


def entries(wanted: Needles) -> Iterator[Entry]:
    """The questions, one at a time."""
    for number in range(1, wanted.size + 1):
        yield _entry(wanted, number)


def _entry(wanted: Needles, number: int) -> Entry:
    draw = rng(wanted.seed, "needles", wanted.tokens, wanted.facts, number)
    article, *other_articles = draw.sample(_ARTICLES, 4)
    stores = draw.sample(_STORES, wanted.facts + 3)
    asked, others = stores[: wanted.facts], stores[wanted.facts :]
    counts = draw.sample(range(120, 980), 4 * wanted.facts)
    planted = [_planted(draw, store, article, counts[place]) for place, store in enumerate(asked)]
    for place, store in enumerate(asked):
        there, beside, old = counts[wanted.facts + 3 * place : wanted.facts + 3 * place + 3]
        planted.append(_planted(draw, others[place], article, there))
        planted.append(_planted(draw, store, other_articles[place], beside))
        planted.append(f"A figure of {old} {article} for the {store} store was given last year, and has been withdrawn as wrong.")
    text = _document(draw, wanted.tokens * _BYTES_PER_TOKEN, planted)
    question = Question(
        text=_question(article, asked),
        kind="number",
        gold=str(sum(counts[: wanted.facts])),
        id=f"needles-{wanted.tokens}-{wanted.facts}-{wanted.seed}-{number}",
        documents=(Document(name="minutes.md", text=text, media_type="text/markdown"),),
    )
    return Entry(question)


def _planted(draw: random.Random, store: str, article: str, count: int) -> str:
    who = draw.choice(_PEOPLE)
    return draw.choice(
        (
            f"By the count of {who}, the {store} store holds {count} {article}.",
            f"{who} reported that the {store} store holds {count} {article}.",
            f"The {store} store holds {count} {article}, as {who} counted.",
        )
    )


def _question(article: str, stores: Sequence[str]) -> str:
    if len(stores) == 1:
        return f"By the minutes, how many {article} does the {stores[0]} store hold?"
    named = f"{', '.join(stores[:-1])} and {stores[-1]}"
    return f"By the minutes, how many {article} do the stores {named} hold together?"


def _document(draw: random.Random, size: int, planted: Sequence[str]) -> str:
    """Sections of filler of about `size` bytes, each planted sentence in a paragraph of its own choosing."""
    paragraphs: list[list[str]] = []
    length = sum(map(len, planted))
    while length < size:
        paragraphs.append([_filler(draw) for _ in range(draw.randint(3, 6))])
        length += sum(map(len, paragraphs[-1])) + len(paragraphs[-1]) + 10
    for sentence in planted:
        paragraph = draw.choice(paragraphs)
        paragraph.insert(draw.randint(0, len(paragraph)), sentence)
    blocks = []
    for number, paragraph in enumerate(paragraphs):
        if number % 4 == 0:
            blocks.append(f"## {draw.choice(_DAYS)}, item {number // 4 + 1}")
        blocks.append(" ".join(paragraph))
    return "\n\n".join(blocks)


def _filler(draw: random.Random) -> str:
    who, room, thing = draw.choice(_PEOPLE), draw.choice(_ROOMS), draw.choice(_THINGS)
    return draw.choice(
        (
            f"The {thing} in the {room} {draw.choice(_STATES)}.",
            f"{who} {draw.choice(_SAID)}.",
            f"On {draw.choice(_DAYS)} {who} and {draw.choice(_PEOPLE)} swept the {room}.",
            f"Nobody could say who had left a {thing} in the {room}, and {who} promised to ask.",
            f"The {room} stays closed until {draw.choice(_DAYS)}, since the {thing} {draw.choice(_STATES)}.",
        )
    )
