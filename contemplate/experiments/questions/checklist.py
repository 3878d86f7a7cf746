"""Checklists: facts that an open answer must hold, and others that it must not, found by their words and without a judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StringConstraints

from contemplate.experiments.questions.graders import Facts, Grade
from contemplate.types import Answer, Question, Value

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]

_LOOKED_AT = 100_000
_HEADING = re.compile(r"\s*(?:#{1,6}\s.*|[-*>\d.\s]*\*\*[^*]+\*\*:?\s*|.{1,100}:\s*)\Z")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_AROUND = ".,;:!?()[]{}*_\"'`“”‘’€$£|<>#-–—"
_DENIAL = re.compile(
    r"\b(?:not|never|no|neither|nor|cannot|myth|mistake\w*|misconception|misunderst\w*|wrong\w*|incorrect\w*|contrary|false)\b|n['’]t\b",
    re.I,
)


class Fact(Value):
    """One fact, and how it is recognised.

    Attributes:
        fact: in words, for people.
        any: ways to say it; each holds words that must stand in one sentence, in whatever order. A word ends with "*" where only
            its beginning counts. Case and punctuation around words do not.
    """

    fact: Words
    any: Annotated[tuple[Words, ...], Field(min_length=1, max_length=40)]

    def stands_in(self, sentence: frozenset[str]) -> bool:
        """Whether a sentence, given by its words, says it."""
        return any(all(_stands(word.casefold(), sentence) for word in way.split()) for way in self.any)


class Checklist(Value):
    """The facts that an answer must hold, and what it must not hold.

    Attributes:
        facts: at least one.
        false: errors that are known to be made; a sentence that denies something is never taken for one.
    """

    facts: Annotated[tuple[Fact, ...], Field(min_length=1, max_length=40)]
    false: Annotated[tuple[Fact, ...], Field(max_length=40)] = ()

    def check(self, text: str) -> Facts:
        """The facts that `text` holds. Total, and linear in its length, of which the first 100,000 characters count."""
        said = [(_words(sentence), _DENIAL.search(sentence) is not None) for sentence in _sentences(text[:_LOOKED_AT])]
        found = tuple(fact.fact for fact in self.facts if any(fact.stands_in(words) for words, _ in said))
        false = tuple(one.fact for one in self.false if any(one.stands_in(words) for words, denies in said if not denies))
        return Facts(found=found, of=len(self.facts), false=false)


class ChecklistGrader:
    """Grades by the checklists of a set: the score is the facts found less the false ones, as a share of all; at least 0.

    Args:
        lists: by the id of the question; one without is not graded.
    """

    name = "checklist"

    def __init__(self, lists: Mapping[str, Checklist]) -> None:
        self.lists = MappingProxyType(dict(lists))

    def grades(self, question: Question) -> bool:
        """Whether there is a checklist for the question."""
        return question.id in self.lists

    def count(self, question: Question) -> int:
        """How many facts the answer to the question should hold."""
        return len(self.lists[question.id or ""].facts)

    def __call__(self, question: Question, answer: Answer) -> Grade:
        """The share of the facts that the answer holds, less the errors in it, and which these are."""
        facts = self.lists[question.id or ""].check(answer.text)
        return Grade(score=max(len(facts.found) - len(facts.false), 0) / facts.of, facts=facts)


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each behind the heading, or the line with a colon at its end, that it stands under."""
    heading = ""
    for line in text.splitlines():
        if not line.strip():
            continue
        if _HEADING.match(line):
            heading = line
            yield line
            continue
        for sentence in _SENTENCE.split(line):
            yield f"{heading} {sentence}"


def _words(sentence: str) -> frozenset[str]:
    parts = (word.strip(_AROUND).casefold() for word in sentence.replace("/", " ").split())
    return frozenset(part for part in parts if part)


def _stands(word: str, sentence: frozenset[str]) -> bool:
    if word.endswith("*"):
        return any(other.startswith(word[:-1]) for other in sentence)
    return (word.strip(_AROUND) or word) in sentence
