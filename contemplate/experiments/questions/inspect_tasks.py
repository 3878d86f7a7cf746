"""Tasks and data sets of Inspect AI as question sets; a task's own scorer grades.

`inspect:tasks.py:capitals?most=5` is what the function `capitals` of that file returns, called with `most=5`: a `Task` or a
`Dataset`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from contemplate.answers import typed
from contemplate.errors import InputError
from contemplate.errors.boundary import boundary
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.functions import function_named
from contemplate.experiments.questions.graders import Grade, Grader
from contemplate.experiments.questions.sets import Checks, Entry, QuestionSet
from contemplate.installed import library
from contemplate.text import one_line
from contemplate.types import Answer, AnswerKind, Message, Question
from contemplate.yaml_file import scalar

Sample = Any
"""A sample of a data set."""

_PACKAGE = "inspect-ai"


@dataclass(frozen=True)
class InspectTask:
    """The samples of a task or of a data set, and who grades.

    Attributes:
        source: as an error calls it.
        samples: in their order.
        grader: by the task's scorers; None where there are none.
        kind: of the questions that have no choices.
        versions: of the library.
    """

    source: str
    samples: tuple[Sample, ...]
    grader: Grader | None = None
    kind: AnswerKind = "text"
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def named(cls, address: Address, kind: AnswerKind | None) -> InspectTask:
        """The task or data set that a function returns.

        Raises:
            InputError: Inspect is not installed, there is no such function, it raises, or returns something else.
        """
        library("inspect_ai", package=_PACKAGE)
        function = function_named(address.source, address.name)
        with boundary(f"{address.source}: calling the function") as caught:
            made = function(**{name: scalar(text) for name, text in address.options.items()})
        if caught.error is not None:
            raise InputError(str(caught.error))
        return cls.of(made, kind, name=address.source)

    @classmethod
    def of(cls, made: Any, kind: AnswerKind | None = None, *, name: str = "inspect") -> InspectTask:  # noqa: ANN401
        """The samples of `made`, a `Task`, a `Dataset`, or a list of samples.

        Raises:
            InputError: it is something else, or Inspect is not installed.
        """
        dataset, task = library("inspect_ai.dataset", package=_PACKAGE), library("inspect_ai", package=_PACKAGE)
        scorers: Iterable[Any] = ()
        if isinstance(made, task.Task):
            scorers, made = made.scorer or (), made.dataset
        samples = tuple(made) if isinstance(made, Iterable) else ()
        if not samples or not all(isinstance(one, dataset.Sample) for one in samples):
            raise InputError(f"{name}: a Task, a Dataset or a list of Samples is wanted, not {one_line(repr(made), 60)}")
        by_id = {_id(sample, number): sample for number, sample in enumerate(samples, 1)}
        grader = ScorerGrader(name, tuple(scorers), by_id) if scorers else None
        return cls(name, samples, grader, kind or "text", MappingProxyType({"inspect-ai": version("inspect-ai")}))

    def entries(self, limit: int | None = None) -> Iterator[Entry]:
        """The questions.

        Raises:
            InputError: a sample can't be asked: its input holds more than words, or its target is none of its choices.
        """
        for number, sample in enumerate(self.samples[:limit], 1):
            yield Entry(_question(sample, number, self.kind, f"{self.source}: sample {number}"))

    def questions(self) -> QuestionSet:
        """All as a set."""
        check = Checks(gold=False)
        found = [check(entry, f"{self.source}: sample {number}") for number, entry in enumerate(self.entries(), 1)]
        return QuestionSet.gathered(self.source, found, versions=self.versions, grader=self.grader)


def _id(sample: Sample, number: int) -> str:
    return str(number if sample.id is None else sample.id)


def _question(sample: Sample, number: int, kind: AnswerKind, where: str) -> Question:
    """The question of a sample: its last message; those before it are the history."""
    targets = [sample.target] if isinstance(sample.target, str) else list(sample.target)
    golds = [target for target in targets if target]
    text, given = _said(sample.input, where)
    if sample.choices:
        given |= {"choices": tuple(sample.choices)}
        kind = "choice"
    return Question(
        text=text, kind=kind, gold=golds[0] if golds else None, accepted=tuple(golds[1:]), id=_id(sample, number), **given
    )


def _said(said: Any, where: str) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - a text or messages
    """The question in a sample's input, and what was said before."""
    if isinstance(said, str):
        return said, {}
    if any(not isinstance(message.content, str) or message.role == "tool" for message in said):
        raise InputError(f"{where}: its input holds more than words, which a panel is not asked")
    system = "\n\n".join(message.content for message in said if message.role == "system")
    others = [message for message in said if message.role != "system"]
    if not others or others[-1].role != "user":
        raise InputError(f"{where}: the last message of its input must be the user's")
    history = tuple(Message(role=message.role, content=message.content) for message in others[:-1])
    return others[-1].content, {"history": history, **({"system": system} if system else {})}


class ScorerGrader:
    """Grades by scorers of Inspect's: the mean of their values, as Inspect turns these into numbers, held in [0, 1]."""

    def __init__(self, name: str, scorers: tuple[Callable[..., Any], ...], samples: Mapping[str, Sample]) -> None:
        """Take the scorers.

        Args:
            name: in a report.
            scorers: at least one.
            samples: by the ids of their questions.
        """
        self.name = name
        self._scorers, self._samples = scorers, samples

    async def __call__(self, question: Question, answer: Answer) -> Grade:
        """The grade of an answer.

        Raises:
            Exception: whatever a scorer raises, as where it needs a model and there is none.
        """
        scoring = library("inspect_ai.scorer", package=_PACKAGE)
        sample, value = self._samples[str(question.id)], scoring.value_to_float()
        scores = [await _scored(scorer, sample, question, answer) for scorer in self._scorers]
        values = [min(max(float(value(score.value)), 0.0), 1.0) for score in scores if score is not None]
        if not values:
            raise InputError(f"grader {self.name}: its scorers gave no score")
        return Grade(score=sum(values) / len(values))


async def _scored(scorer: Callable[..., Any], sample: Sample, question: Question, answer: Answer) -> Any:  # noqa: ANN401
    """The score of an answer, given to the scorer as the state after a solver that answered so."""
    solving = library("inspect_ai.solver", package=_PACKAGE)
    models = library("inspect_ai.model", package=_PACKAGE)
    target = library("inspect_ai.scorer", package=_PACKAGE).Target(sample.target)
    said = [models.ChatMessageUser(content=sample.input)] if isinstance(sample.input, str) else list(sample.input)
    letters = isinstance(question.choices, tuple) and bool(question.choices)
    text = f"ANSWER: {answer.value}" if letters else answer.text
    output = models.ModelOutput.from_content("contemplate", text)
    state = solving.TaskState(
        model=models.ModelName("contemplate/panel"),
        sample_id=_id(sample, 1) if sample.id is None else sample.id,
        epoch=1,
        input=sample.input,
        messages=[*said, output.message],
        target=target,
        choices=sample.choices,
        output=output,
        metadata=sample.metadata or {},
    )
    if letters:
        chosen = question.choices.index(str(typed(answer, question)))
        for place in range(len(question.choices)):
            state.choices.mark_choice(place, place == chosen)
    given = scorer(state, target)
    return await given if inspect.isawaitable(given) else given
