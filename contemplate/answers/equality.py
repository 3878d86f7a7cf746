"""A second opinion on mathematical answers, where their canonical forms differ.

math-verify may still find them equal: `sin(2x)` and `2 sin(x) cos(x)`. It is asked in worker processes only, and only where it
is not too generous; `comparable` says where that is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from contemplate.answers.latex import enclosed, plain_latex, split_top
from contemplate.answers.number import numeric
from contemplate.answers.verifier import Verifier
from contemplate.concurrency import task_group
from contemplate.text.patterns import regex
from contemplate.types import Answer, Question

MAX_VALUES = 24
"""How many different answers are compared with each other; those that come later are not."""
MAX_LENGTH = 400
_DECIMAL = regex(r"(?<![\w.])(\d{0,30})\.(\d{1,30})(?![\w.])")
_WORD = regex(r"(?<![\\A-Za-z])(?!pi\b|sin|cos|tan|log|ln\b|exp|sqrt|arc|cot|sec|csc|max|min|or\b|and\b|cm|mm|km)[A-Za-z]{2,}")
_COMMAND = regex(
    r"\\(?:text|mathrm|mbox|textbf|mathbf|operatorname)\s?\{[^{}]{0,200}\}|\\(?:begin|end)\{[a-z]{1,12}\}|\\[A-Za-z]+"
)
_LONG_POWER = regex(r"\^\s*\{?\s*[-+(]?\s*\d{4,}|\^[^\^]{0,20}\^[^\^]{0,20}\^|!\s*!|\d{4,}\s*!")
_MEMBERSHIP = regex(r"^\s*[A-Za-z]\s*\\in(?![A-Za-z])")


async def equate(answers: Sequence[Answer], question: Question, verifier: Verifier | None = None) -> list[frozenset[str]]:
    """The pairs of canonical values among `answers` that differ, and that math-verify finds equal.

    Args:
        answers: of one question; those of another kind than `math` are never asked about.
        question: what they answer.
        verifier: where to ask; without one, processes are started and ended for this call.

    Returns:
        Pairs for `classes`, in the order in which the answers came.
    """
    texts = {answer.value: answer.text for answer in reversed(answers) if answer.kind == "math"}
    values = list(dict.fromkeys(answer.value for answer in answers if answer.kind == "math"))[:MAX_VALUES]
    pairs = [pair for pair in combinations(values, 2) if comparable(*pair, texts[pair[0]], texts[pair[1]])]
    if question.kind != "math" or not pairs:
        return []
    if verifier is None:
        async with Verifier() as own:
            return await _equal_pairs(pairs, texts, own)
    return await _equal_pairs(pairs, texts, verifier)


async def _equal_pairs(pairs: Sequence[tuple[str, str]], texts: dict[str, str], verifier: Verifier) -> list[frozenset[str]]:
    found: dict[tuple[str, str], bool] = {}
    hopeless: set[str] = set()

    async def compare(pair: tuple[str, str]) -> None:
        found[pair] = not hopeless & set(pair) and await verifier.equal(*(_exact(texts[value]) for value in pair))

    async def read(value: str) -> None:
        if not await verifier.equal(*[_exact(texts[value])] * 2):
            hopeless.add(value)

    async with task_group() as tasks:
        for value in dict.fromkeys(value for pair in pairs for value in pair):
            tasks.start_soon(read, value)
    async with task_group() as tasks:
        for pair in pairs:
            tasks.start_soon(compare, pair)
    return [frozenset(pair) for pair in pairs if found[pair]]


def comparable(value: str, other: str, text: str, other_text: str) -> bool:
    """Whether two answers that differ may be shown to math-verify.

    Not two numbers (it rounds, and takes 50% for 50), percentages, words (it takes them for products of letters), a letter in
    both cases (it takes a for A), bases, ratios and equations beside what is none, brackets of another sort (it takes {1, 2} for
    (1, 2)), or powers that would take it for ever.
    """
    if numeric(value) is not None and numeric(other) is not None:
        return False
    if "%" in text + other_text or any(len(one) > MAX_LENGTH for one in (text, other_text)):
        return False
    symbols = [_COMMAND.sub(" ", one) for one in (text, other_text)]
    if any(map(_WORD.search, symbols)) or any(map(_LONG_POWER.search, (text, other_text))):
        return False
    letters = set(re.findall("[A-Za-z]", symbols[0] + symbols[1]))
    if any(letter.upper() in letters for letter in letters if letter.islower()):
        return False
    return all((sign in text) == (sign in other_text) for sign in "_:=") and _shape(text) == _shape(other_text)


def _shape(text: str) -> str:
    """The brackets of a tuple or an interval; "{" for a set or a list, "=" for an equation, and nothing for the rest."""
    plain = _MEMBERSHIP.sub("", plain_latex(text)).strip().replace(";", ",")
    if (outer := enclosed(plain)) and (len(split_top(outer[1], ",")) > 1 or outer[0] == "{"):
        return "{" if outer[0] == "{" else outer[0] + outer[2]
    return "{" if len(split_top(plain, ",")) > 1 or "\\pm" in plain else ""


def _exact(text: str) -> str:
    """`text` with decimals as fractions, of which none is rounded."""
    return _DECIMAL.sub(lambda digits: rf"\frac{{{digits[1]}{digits[2]}}}{{1{'0' * len(digits[2])}}}", text)
