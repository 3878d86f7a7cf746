"""Generated tasks of the library `reasoning-gym`, graded by their own scorers.

`gym:chain_sum?size=200&seed=0&max_terms=3`: what is neither `size` nor `seed` is an option of the task itself. The kind of the
answers is the first of number, boolean, json and text in which its own right answers, read as from a reply, get the full score;
a task whose right answers no kind reads (a grid of several lines) is refused, and so is one whose scorer takes nonsense.

The generators draw question `n` from `seed + n`, so that seeds next to each other share nearly all their questions. They are
given a seed derived from ours instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from contemplate.answers import read
from contemplate.errors import InputError, UnknownNameError
from contemplate.errors.boundary import boundary
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.functions import FunctionGrader
from contemplate.experiments.questions.gym_library import REFUSED, library
from contemplate.experiments.questions.sets import Entry
from contemplate.seeds import derive
from contemplate.text import one_line
from contemplate.types import AnswerKind, Question
from contemplate.yaml_file import scalar

MAX_SIZE = 100_000
"""The most questions of one set."""

_PROBED = 16
_NONSENSE = "none of it, certainly"
_KINDS: tuple[AnswerKind, ...] = ("number", "boolean", "json", "text")

Item = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Task:
    """A task with its options.

    Attributes:
        name: as reasoning-gym calls it.
        source: the address it was asked for by.
        size: how many questions, from 1 to `MAX_SIZE`.
        seed: ours, from 0 to 2**63 - 1.
        kind: of its answers.
        versions: of the library.
    """

    name: str
    source: str
    size: int
    seed: int
    kind: AnswerKind
    versions: Mapping[str, str]
    _make: Callable[[], Any]

    @classmethod
    def of(cls, address: Address, kind: AnswerKind | None) -> Task:
        """The task that an address names.

        Args:
            address: with the options.
            kind: of the answers; None finds it.

        Raises:
            InputError: the library is not installed, there is no such task, or it takes no such options; the task is one of
                `REFUSED`; or its right answers can't be read.
        """
        factory = library(address.source)
        if address.name not in factory.DATASETS:
            raise UnknownNameError("task of reasoning-gym", address.name, sorted(factory.DATASETS))
        if address.name in REFUSED:
            raise InputError(f"{address.source}: this task is not used here: {REFUSED[address.name]}")
        config = factory.DATASETS[address.name][1]
        known = [field.name for field in dataclasses.fields(config) if field.name not in {"size", "seed"}]
        address.only(("size", "seed", *known))
        size, seed = address.whole("size", 200, 1, MAX_SIZE), address.whole("seed", 0, 0, 2**63 - 1)
        options = {name: _value(text) for name, text in address.options.items() if name in known}
        options |= {"size": max(size, _PROBED), "seed": derive(seed, "gym", address.name) % 2**32}

        def make() -> Any:  # noqa: ANN401 - a class without types
            with boundary(f"{address.source}: making the task") as caught:
                return factory.create_dataset(address.name, **options)
            raise InputError(str(caught.error))

        versions = MappingProxyType({"reasoning-gym": version("reasoning-gym")})
        task = cls(address.name, address.source, size, seed, kind or "text", versions, make)
        return task if kind else dataclasses.replace(task, kind=task._probed())

    def entries(self, limit: int | None = None) -> Iterator[Entry]:
        """The questions, one at a time.

        Raises:
            InputError: a question can't be generated, or no reply could get it right, or any.
        """
        made = self._make()
        for index, item in enumerate(self._items(made, min(self.size, limit or self.size))):
            question = self._question(index, item)
            if problem := self._problem(made, item, question):
                raise InputError(problem)
            yield Entry(question)

    @property
    def grader(self) -> FunctionGrader:
        """The task's own scorer; it is given the answer as it stood in the reply. Part of the score is not right."""
        scorers: list[Any] = []  # made when it is first needed

        def score(question: Question, answer: str, _: object) -> object:
            if not scorers:
                scorers.append(self._make())
            index = int(str(question.id).rpartition("-")[2]) - 1
            return scorers[0].score_answer(answer, scorers[0][index])

        return FunctionGrader(f"gym:{self.name}", score)

    def _items(self, made: Any, size: int) -> Iterator[Item]:  # noqa: ANN401
        for index in range(size):
            with boundary(f"{self.source}: question {index + 1}") as caught:
                item = made[index]
            if caught.error is not None:
                raise InputError(str(caught.error))
            yield item

    def _question(self, index: int, item: Item, kind: AnswerKind | None = None) -> Question:
        gold = item["answer"] if isinstance(item["answer"], str) and item["answer"].strip() else None
        return Question(text=item["question"], kind=kind or self.kind, gold=gold, id=f"{self.name}-{self.seed}-{index + 1}")

    def _probed(self) -> AnswerKind:
        """The first kind that is fair to the first questions, however many are wanted; text if their answers are not known."""
        made = self._make()
        items = list(self._items(made, _PROBED))
        problem = ""
        for kind in _KINDS:
            questions = [self._question(index, item, kind) for index, item in enumerate(items)]
            if any(question.gold is None for question in questions):
                return "text"
            problems = (self._problem(made, item, question) for item, question in zip(items, questions, strict=True))
            problem = next(filter(None, problems), "")
            if not problem:
                return kind
        raise InputError(problem)

    def _problem(self, made: Any, item: Item, question: Question) -> str:  # noqa: ANN401
        """The reason why the scorer is of no use for a question; empty if it takes the right answer and no nonsense."""
        where = f"{self.source}: question {str(question.id).rpartition('-')[2]}"
        if _full(made, _NONSENSE, item):
            return f"{where}: the scorer of this task takes nonsense for right, so it is not used here"
        answer = None if question.gold is None else read(f"Answer: {question.gold}", question)
        if question.gold is None or (answer is not None and _full(made, answer.text, item)):
            return ""
        shown = one_line(question.gold, 40)
        return (
            f"{where}: its right answer {shown!r}, read from a reply as {question.kind}, does not get the full score, so that"
            " nobody could be right; take another task, kind or seed"
        )


def _full(made: Any, answer: str, item: Item) -> bool:  # noqa: ANN401
    """Whether the scorer gives an answer the full score; a scorer that raises does not."""
    full = [False]
    with boundary("scoring"):
        full.append(bool(made.score_answer(answer, item) >= 1))
    return full[-1]


def _value(text: str) -> object:
    """An option of a task: a number, a truth value or a text; commas make a list."""
    return [scalar(part) for part in text.split(",")] if "," in text else scalar(text)
