"""The outcome, which a run returns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, cast

from pydantic import BaseModel
from typing_extensions import TypeVar

from contemplate.answers import classes, is_right, typed
from contemplate.files import write_whole
from contemplate.trace.claims import assessment_in, claims_in, composition_in, open_rows
from contemplate.trace.course import Course
from contemplate.trace.lines import trace_text
from contemplate.trace.markdown import Report, page
from contemplate.trace.reading import found_equal
from contemplate.types import (
    Assessment,
    Claim,
    Composition,
    Decision,
    Flip,
    Json,
    Question,
    Ruling,
    Scrutiny,
    Sentence,
    StopReason,
    Turn,
    Usage,
)

if TYPE_CHECKING:
    from contemplate.trace.frames import OutcomeTable
    from contemplate.trace.trace import Trace


T_co = TypeVar("T_co", default=Any, covariant=True)

Number = int | float | Fraction
"""An exact number: a float only where that is exactly what the digits say."""


_LONGEST = 200
"""How much of an answer stands in a `repr`, in characters."""


class _AsGraph:
    """The trace of an outcome: the course that it was made with, as a graph once somebody asks for it."""

    def __get__(self, outcome: Outcome[Any] | None, owner: type[Outcome[Any]]) -> Trace:
        if outcome is None:
            raise AttributeError("the trace of no outcome")  # so that the field has no default
        from contemplate.trace.trace import Trace

        return Trace.over(outcome.course)

    def __set__(self, outcome: Outcome[Any], course: Course) -> None:
        outcome.__dict__["trace"] = course


@dataclass(frozen=True, repr=False)
class Outcome(Generic[T_co]):
    """The answer of a run, and how it came about. `T_co` is the type of `value`.

    Its `repr` is short; a notebook shows it as a small table.

    Attributes:
        answer: the final answer, or None.
        confidence: in [0, 1]; 0 without an answer. See `Decision.confidence`.
        decision: the last decision taken, or None if there was nothing to decide.
        first_decision: the same vote over everybody's first, independent answers, where answers were revised.
        stopped: why the run ended: "completed", "agreement" or "stable" (a stop test spared the rest),
            "quorum" (too few live seats), "budget", "deadline", "unreachable", "interrupted", "policy" (a rule refused the
            question or the answer), "abstained" (much hangs on it, and too little stands behind it).
        trace: the whole run, a `networkx.DiGraph` of turns.
        seed: everything random in the run came from it.
        run: the run's id in the ledger.
        answer_type: the pydantic model that the answer is to be, if one was given.
        detail: one line more on why it stopped, where there is something to say.
        origin: version, and the digests of recipe and cards.
        flips: of a run of high stakes that held its answer back: changes with which it would have ended otherwise.
    """

    answer: str | None
    confidence: float
    decision: Decision | None
    first_decision: Decision | None
    stopped: StopReason
    usage: Usage
    if TYPE_CHECKING:
        trace: Trace
    else:
        trace: Trace = _AsGraph()
    question: Question
    strategy: str
    models: tuple[str, ...]
    seed: int
    run: str
    answer_type: type[BaseModel] | None = None
    detail: str | None = None
    origin: Json = field(default_factory=dict)
    flips: tuple[Flip, ...] = ()

    def __repr__(self) -> str:
        answer = self.answer if self.answer is None or len(self.answer) <= _LONGEST else f"{self.answer[:_LONGEST]}…"
        said = f"answer={answer!r}, confidence={self.confidence!r}, stopped={self.stopped!r}, strategy={self.strategy!r}"
        return f"Outcome({said}, run={self.run!r}, detail={self.detail!r})"

    def altered(self, **fields: Any) -> Self:  # noqa: ANN401 - as the fields are
        """The same with these fields instead: `dataclasses.replace` without making a graph of the trace."""
        return type(self)(**{**self.__dict__, **fields})

    @property
    def course(self) -> Course:
        """The turns of the trace, and who read whom, without what makes them a graph."""
        found: Course = self.__dict__["trace"]
        return found

    def _repr_html_(self) -> str:
        """The outcome as a notebook shows it: the answer, how it won, the votes or the claims, what it took."""
        from contemplate.trace.notebook import outcome_html

        return outcome_html(self)

    @property
    def value(self) -> T_co | None:
        """The answer as a Python value: an int, a float or a Fraction, a bool, a date, a frozenset, the object of a JSON answer.

        With a pydantic model as the kind of answer, an instance of it. None if there is no answer.

        Raises:
            pydantic.ValidationError: the answer satisfies the model's JSON Schema, but not a validator that no schema can say.
        """
        won = None if self.decision is None or self.answer is None else self.decision.answer_to(self.question)
        if won is None:
            return None
        if self.answer != won.text:  # a policy has put other words in its place
            return cast("T_co", self.answer)
        value = typed(won, self.question)
        return cast("T_co", value if self.answer_type is None else self.answer_type.model_validate(value))

    @property
    def model(self) -> type[BaseModel] | None:
        """The old name of `answer_type`; it goes with the next release."""
        warnings.warn("'Outcome.model' is called 'answer_type' now", DeprecationWarning, stacklevel=2)
        return self.answer_type

    @property
    def dissent(self) -> tuple[Turn, ...]:
        """The last words of the seats that voted for another answer."""
        if self.decision is None:
            return ()
        said = self.course.positions()
        return tuple(said[seat][-1] for seat in self.decision.dissent if seat in said)

    @property
    def turned(self) -> bool:
        """Whether the first, independent votes had another winner: an alarm, as seats talk each other out of right ones, too."""
        if self.first_decision is None or self.decision is None:
            return False
        before, after = self.first_decision.answer_to(self.question), self.decision.answer_to(self.question)
        if before is None or after is None:
            return before is not None
        return len(set(classes([before, after], found_equal(self.course.stored))[0])) > 1

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims of the panel on an open question, as they stood at the end; empty where none were made out."""
        return claims_in(self.course.turns)

    @property
    def disputed(self) -> tuple[Claim, ...]:
        """The claims that neither stand nor fell: where the panel disagrees."""
        return tuple(claim for claim in self.claims if claim.state == "disputed")

    @property
    def composition(self) -> Composition | None:
        """The answer to an open question sentence by sentence, and what its check came to; None where it was not so written."""
        return composition_in(self.course.turns, self.answer)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the answer to an open question, each with the claims that it rests on."""
        return () if self.composition is None else self.composition.sentences

    @property
    def assessment(self) -> Assessment | None:
        """The replies and the answer as judges scored them by the question's criteria; None where there were none."""
        return assessment_in(self.course.turns)

    @property
    def policy(self) -> tuple[Ruling, ...]:
        """The rules of policies that applied, in the order of the turns that they were about."""
        return tuple(ruling for turn in self.course.turns for ruling in turn.policy)

    @property
    def scrutiny(self) -> Scrutiny | None:
        """What became of an answer on which much hangs; None where nobody said so."""
        found = (turn.found.scrutiny for turn in reversed(self.course.turns))
        return next((one for one in found if one is not None), None)

    def is_right(self) -> bool | None:
        """Whether the answer is the question's gold answer; no answer is never right. None without a gold answer."""
        if self.question.gold is None:
            return None
        return self.stopped not in {"abstained", "policy"} and decided_right(self.decision, self.question)

    def to_dict(self) -> Json:
        """The outcome as JSON values: what `contemplate ask --json` prints."""
        decision = self.decision
        return {
            "answer": self.answer,
            "confidence": round(self.confidence, 6),
            "stopped": self.stopped,
            "decision": None if decision is None else _decision_row(decision),
            "first_decision": None if self.first_decision is None else _decision_row(self.first_decision),
            "usage": self.usage.model_dump(mode="json"),
            "strategy": self.strategy,
            "models": list(self.models),
            "seed": self.seed,
            "run": self.run,
            "detail": self.detail,
            **self._governed(),
            **open_rows(self.claims, self.composition, self.assessment),
        }

    def _governed(self) -> Json:
        """What policies decided, and what became of an answer on which much hangs; nothing where neither was there."""
        rulings = [ruling.model_dump(mode="json") for ruling in self.policy]
        scrutiny = None if self.scrutiny is None else self.scrutiny.model_dump(mode="json")
        flips = [flip.model_dump(mode="json") for flip in self.flips]
        found = {"policy": rulings, "scrutiny": scrutiny, "would_change": flips}
        return {name: value for name, value in found.items() if value}

    def to_markdown(self) -> str:
        """The outcome as a page in Markdown: the answer with the numbers of its claims, what is disputed, how it came about.

        What models wrote is shown and does nothing: no HTML, images or links of theirs (`contemplate.text.markdown`).
        """
        return page(Report.of(self))

    def to_pandas(self, table: OutcomeTable = "turns") -> Any:  # noqa: ANN401 - a library that need not be there
        """A table of the outcome as a pandas DataFrame.

        Args:
            table: those of `Trace.to_pandas`; "sentences": a row for each sentence of an open answer, with its claims; "votes":
                for each answer in the tally.

        Raises:
            UnknownNameError: there is none of that name.
            InputError: pandas is not installed.
        """
        from contemplate.trace.frames import outcome_frame

        return outcome_frame(self, table)

    def write_trace(self, path: Path | str) -> None:
        """Write the trace as JSON Lines, whole or not at all: a `run` line, a line a turn in layout order, an `outcome` line.

        Raises:
            OSError: the file can't be written.
        """
        write_whole(Path(path), trace_text(self.head, self.course.rows(), self.to_dict()))

    @property
    def head(self) -> Json:
        """The facts of the run for the first line of its trace file: what was asked, of whom, and by which version."""
        return {
            "run": self.run,
            "question": self.question.model_dump(mode="json"),
            "strategy": self.strategy,
            "models": list(self.models),
            "seed": self.seed,
            **self.origin,
        }


def decided_right(decision: Decision | None, question: Question) -> bool:
    """Whether a decision's winner is the question's gold answer.

    Raises:
        ValueError: the question has no gold answer that its kind can read.
    """
    return is_right(None if decision is None else decision.answer_to(question), question)


def _decision_row(decision: Decision) -> Json:
    row = decision.model_dump(mode="json", exclude={"winner", "value", "how", "confidence"})
    return {**row, "margin": round(decision.margin, 6)}
