"""Rows of an experiment: what came of one question under one strategy, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field

from contemplate.answers import same
from contemplate.experiments.questions import ByKind, ChecklistGrader, Grade, Grader, grade
from contemplate.ledger.base import StoredTurn
from contemplate.trace import Judged, Round, Trace
from contemplate.types import Answer, Decision, Json, Question, Turn, Usage, Value

Status = Literal["answered", "abstained", "failed"]

_CAME_TO_NOTHING = {"quorum", "budget", "deadline", "unreachable", "interrupted"}


class Counts(Value):
    """Whole numbers that are added up over runs."""

    def __add__(self, other: Self) -> Self:
        """Both together."""
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


class Verdicts(Counts):
    """Counts of what was found of answers, by whether they are right.

    Attributes:
        faulted_right, passed_right: right answers that were called flawed, or sound; once for each verdict.
        faulted_wrong, passed_wrong: wrong ones.
        none: turns that came to no verdict.
    """

    faulted_right: int = 0
    passed_right: int = 0
    faulted_wrong: int = 0
    passed_wrong: int = 0
    none: int = 0


class Turned(Counts):
    """Counts of what seats that answered again in a round made of their answers.

    Attributes:
        to_right, to_wrong: answers that were wrong before (or there was none), and right ones.
        stayed_right, stayed_wrong: the others that could be read.
        lost_right, lost_wrong: seats that were right, or were not, and whose new reply had no answer that could be read.
    """

    to_right: int = 0
    to_wrong: int = 0
    stayed_right: int = 0
    stayed_wrong: int = 0
    lost_right: int = 0
    lost_wrong: int = 0


class Row(Value):
    """One question, one strategy, one panel, one repeat.

    Attributes:
        set: the question set; `question` is the id in it, `group` what it shares with others there.
        strategy: the label of the strategy; `panel` that of the models.
        repeat: from 1; `seed` is the one that it ran with.
        run: the id of the run in the ledger, where its whole trace is.
        status: "answered"; "abstained": the run came to its end without an answer (a tie, say); "failed": it did not come to its
            end, or its answer could not be graded.
        score: in [0, 1], 1 for right; 0 for an abstention; None where it failed, and where it is not graded.
        graded: whether it can be right or wrong at all: not where the question has no gold answer, and is graded by its kind.
        agreement: of the seats that had an answer in the last vote, the share whose answer won; None for a seat alone.
        changed: whether the answer is another than that of the first, independent vote; None without one of the two.
        first_score: of the vote over the first, independent answers, where there is one; 0 for a vote that nothing won.
        rounds: for each round in which seats were to answer, how many seats were right, and how many answered.
        turned: for each of them after the first, what the seats that had answered before made of their answers.
        samples: of a vote over answers that were given once, what each seat answered: the class of its answer and the score of
            that; None for a seat without an answer that could be read.
        verdicts: of critics and verifiers on single answers, by verb.
        confidence: the panel's, in [0, 1].
        calls, tokens, usd: what it takes alone, replies that the ledger had included, retries left out; `usd` is None where a
            price is not known.
        cached_calls: calls that the ledger answered, as they were paid for already.
        seconds: wall time; short where calls were cached.
        failed_turns: turns of seats that failed.
        retried: how often it was done again because it had failed.
        failure: why it failed.
        facts: where it was graded by a checklist, how many facts the answer holds, of `facts_of`; 0 for an abstention.
        false_facts: how many of the checklist's errors were found in it.
    """

    set: str
    question: str
    group: str | None = None
    strategy: str
    panel: str
    repeat: int
    seed: int
    run: str
    status: Status
    answer: str | None = None
    gold: str | None = None
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    graded: bool = True
    agreement: Annotated[float, Field(ge=0, le=1)] | None = None
    changed: bool | None = None
    first_score: Annotated[float, Field(ge=0, le=1)] | None = None
    rounds: tuple[tuple[int, int], ...] = ()
    turned: tuple[Turned, ...] = ()
    samples: tuple[tuple[int, float] | None, ...] = ()
    verdicts: dict[str, Verdicts] = Field(default_factory=dict)
    confidence: float = 0.0
    stopped: str = ""
    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = None
    seconds: float = 0.0
    failed_turns: int = 0
    retried: int = 0
    failure: str | None = None
    facts: int | None = None
    facts_of: int | None = None
    false_facts: int | None = None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Measure:
    """An amount of each run, of which reports show the median, the mean and the 95th percentile.

    Attributes:
        heading: of its column.
        of: the amount of a run; None where it has none.
        complete: whether a strategy has it only if each of its runs has; the column is left out where no strategy has it.
        note: what a reader must know of it.
    """

    heading: str
    of: Callable[[Row], float | None]
    complete: bool = False
    note: str = ""


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "calls": Measure("calls", lambda row: row.calls),
        "tokens": Measure("tokens", lambda row: row.tokens),
        "usd": Measure("USD", lambda row: row.usd, complete=True),
        "seconds": Measure(
            "seconds",
            lambda row: None if row.cached_calls else row.seconds,
            note="seconds: wall time of runs in which no call came from the ledger",
        ),
        "facts": Measure("facts found", lambda row: row.facts, note="facts found, false facts: of checklists, an answer"),
        "false_facts": Measure("false facts", lambda row: row.false_facts),
    }
)
"""The columns of the table of what a question takes, by the names that they have in a comparison."""


@dataclass(frozen=True)
class Finished:
    """A run that is over, as the ledger keeps it.

    Attributes:
        run: its id.
        outcome: as `Outcome.to_dict` gives it, and how often the run was retried.
        stored: the turns in layout order, each with what it saw.
    """

    run: str
    outcome: Json
    stored: Sequence[StoredTurn]

    @cached_property
    def trace(self) -> Trace:
        """The turns as a trace, which answers questions about them."""
        return Trace.of(self.stored)

    @property
    def usage(self) -> Usage:
        """The usage of the run, calls that the ledger had already left out."""
        return Usage.model_validate(self.outcome["usage"])

    @property
    def failed(self) -> bool:
        """Whether it did not come to its end for want of replies, budget or time."""
        return self.outcome["answer"] is None and self.outcome["stopped"] in _CAME_TO_NOTHING


def _final(outcome: Json, decisions: Sequence[Decision], question: Question) -> Answer | None:
    """The answer that was decided for."""
    won = outcome["answer"]
    decided = next((one for one in reversed(decisions) if won is not None and one.winner == won), None)
    return None if decided is None else decided.answer_to(question)  # a policy may have put other words in its place


def _sampled(trace: Trace) -> list[tuple[int, Answer] | None]:
    """Of a vote over answers that were given once, each seat's: its index in the tally, and it; None for no answer."""
    decisions = trace.decisions()
    if len(decisions) != 1 or len(trace.rounds()) != 1:
        return []
    said = {turn.seat: turn.answer for turn in trace.turns if turn.on_panel}
    indices = {seat: index for index, tally in enumerate(decisions[0].tally) for seat in tally.seats}
    return [(indices[seat], answer) if answer is not None and seat in indices else None for seat, answer in said.items()]


class _Grades:
    """The grades of one question's answers; those that say the same are graded once."""

    def __init__(self, question: Question, grader: Grader) -> None:
        self._question, self._grader = question, grader
        self._known: dict[str | None, Grade] = {}

    async def of(self, answer: Answer | None) -> Grade:
        value = None if answer is None else answer.value
        if value not in self._known:
            self._known[value] = await grade(self._grader, self._question, answer)
        return self._known[value]

    async def score(self, answer: Answer) -> float:
        """0 where the grader failed."""
        return (await self.of(answer)).score or 0.0

    async def right(self, answer: Answer | None) -> bool:
        """Whether there is an answer, and it is right."""
        return answer is not None and bool((await self.of(answer)).right)

    async def counted(self, one: Round) -> tuple[int, int]:
        """Two numbers of a round: the answers that are right, and those that could be read."""
        answers = [answer for _, answer in one.answers if answer is not None]
        return sum([await self.right(answer) for answer in answers]), len(answers)

    async def turned(self, rounds: Sequence[Round]) -> list[Turned]:
        """The changes of seats' answers in each round after the first."""
        found: list[Turned] = []
        before: dict[str, Answer | None] = {}
        for one in rounds:
            again = Turned()
            for seat, answer in one.answers:
                if seat in before:
                    was, is_right = await self.right(before[seat]), await self.right(answer)
                    how = "lost" if answer is None else "stayed" if was == is_right else "to"
                    again += Turned(**{f"{how}_{'right' if (was if answer is None else is_right) else 'wrong'}": 1})
            before |= {seat: answer or before.get(seat) for seat, answer in one.answers}
            found.append(again)
        return found[1:]

    async def verdicts(self, judged: Sequence[Judged]) -> dict[str, Verdicts]:
        """By verb, what was found of right and of wrong answers."""
        found: dict[str, Verdicts] = {}
        for one in judged:
            how = {"flawed": "faulted", "sound": "passed"}.get(one.turn.verdict or "")
            kind = "none" if how is None else f"{how}_{'right' if await self.right(one.answer) else 'wrong'}"
            found[one.turn.verb] = found.get(one.turn.verb, Verdicts()) + Verdicts(**{kind: 1})
        return found


def gradable(question: Question, grader: Grader) -> bool:
    """Whether an answer to a question can be right or wrong: by its kind, only beside a gold answer; else by a checklist."""
    if isinstance(grader, ChecklistGrader):
        return grader.grades(question)
    return question.gold is not None or not isinstance(grader, ByKind)


def _agreement(decisions: Sequence[Decision]) -> float | None:
    """The share of the last vote's seats whose answer won."""
    last = decisions[-1] if decisions else None
    if last is None or last.winner is None:
        return None
    seats = {seat for row in last.tally for seat in row.seats} | set(
        last.dissent
    )  # who approves of several stands in several rows
    return len(seats - set(last.dissent)) / len(seats) if len(seats) > 1 else None


def _changed(first: Answer | None, final: Answer | None) -> bool | None:
    return None if first is None or final is None else same(first, final) is None


def _facts(final: Grade, question: Question, grader: ChecklistGrader) -> Json:
    """The columns of a checklist."""
    facts = final.facts
    found, false = (0, 0) if facts is None else (len(facts.found), len(facts.false))
    return {"facts": found, "facts_of": grader.count(question), "false_facts": false}


async def _scored(trace: Trace, first: Decision | None, question: Question, grades: _Grades) -> Json:
    """The columns that say what was right."""
    rounds = trace.rounds()
    return {
        "first_score": None if first is None else (await grades.of(first.answer_to(question))).score,
        "rounds": tuple([await grades.counted(said) for said in rounds]),
        "turned": tuple(await grades.turned(rounds)),
        "samples": tuple([None if one is None else (one[0], await grades.score(one[1])) for one in _sampled(trace)]),
        "verdicts": await grades.verdicts(trace.verdicts()),
    }


async def graded(finished: Finished, question: Question, grader: Grader, usd: float | None) -> Json:
    """The columns of a row that come from a run and its grading.

    Args:
        finished: the run.
        question: as it was asked.
        grader: of its set.
        usd: what all its tokens cost at the price of their models; None where one has none.
    """
    outcome, trace = finished.outcome, finished.trace
    turns, decisions = trace.turns, trace.decisions()
    usage, failed = finished.usage, finished.failed
    grades, can_be_right = _Grades(question, grader), gradable(question, grader)
    answer, first = _final(outcome, decisions, question), trace.first_vote()
    final = await grades.of(answer) if can_be_right else Grade(score=0.0, abstained=answer is None)
    failure = outcome.get("detail") or outcome["stopped"] if failed else final.failure.message if final.failure else None
    status: Status = "failed" if failed or final.failure else "abstained" if final.abstained else "answered"
    return {
        "run": finished.run,
        "status": status,
        "answer": outcome["answer"],
        "gold": question.gold,
        "score": None if status == "failed" or not can_be_right else final.score,
        "graded": can_be_right,
        "agreement": _agreement(decisions),
        "changed": None if first is None else _changed(first.answer_to(question), answer),
        **(await _scored(trace, first, question, grades) if can_be_right else {}),
        "confidence": outcome["confidence"],
        "stopped": outcome["stopped"],
        "calls": sum(map(_calls, turns)),
        "cached_calls": usage.cached_calls,
        "prompt_tokens": sum(turn.tokens.prompt for turn in turns),
        "completion_tokens": sum(turn.tokens.completion for turn in turns),
        "usd": usd,
        "seconds": usage.seconds,
        "failed_turns": sum(turn.status == "failed" and turn.on_panel for turn in turns),
        "retried": outcome.get("retried", 0),
        **(_facts(final, question, grader) if can_be_right and isinstance(grader, ChecklistGrader) else {}),
        "failure": failure,
    }


def _calls(turn: Turn) -> int:
    """The calls that a turn takes: one, and another one if its reply had to be asked for again; none where nothing was sent."""
    asked = turn.key is not None or (turn.failure is not None and turn.failure.kind != "budget" and bool(turn.card))
    return asked + turn.repaired
