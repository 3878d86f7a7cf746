"""What the tools of the server hand back: structured content, whose schemas clients are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.text import printable
from contemplate.trace.outcome import Outcome
from contemplate.trace.words import brief
from contemplate.types import Turn, Usage

if TYPE_CHECKING:
    from contemplate.experiments.comparison import Standing

_BRIEF = 200
_LONGEST = 20_000
"""The most characters of one turn's words, and of an answer's."""


class Votes(BaseModel):
    """One answer that the panel gave, and who gave it."""

    answer: str
    votes: int
    seats: list[str]


class ContemplateResult(BaseModel):
    """The outcome of a run."""

    run: str = Field(description="the id of the run: show and redecide take it")
    answer: str = Field(description="the final answer; empty where there is none")
    answered: bool
    confidence: float = Field(description="in [0, 1]")
    stopped: str = Field(description="why the run ended")
    detail: str = ""
    strategy: str
    models: list[str]
    tally: list[Votes] = Field(description="the answers of the panel, heaviest first")
    dissent: list[str] = Field(description="the seats that hold to another answer")
    usage: Usage
    page: str = Field(description="the resource with the trace page")


class TurnRow(BaseModel):
    """One turn of a run."""

    id: str
    seat: str
    model: str
    status: str
    came_to: str = Field(description="what it came to, in a few words")
    saw: list[str] = Field(description="the turns that it read")
    text: str = Field(description="what was said; empty unless texts were asked for")
    tools: list[str] = Field(description="the tools that it called")


class ShowResult(BaseModel):
    """A stored run."""

    run: str
    state: str
    question: str
    kind: str
    strategy: str
    models: list[str]
    answer: str = ""
    confidence: float = 0.0
    stopped: str = ""
    turns: list[TurnRow]
    page: str


class StandingRow(BaseModel):
    """One strategy of a comparison; shares in [0, 1], the others for each question."""

    strategy: str
    panel: str
    questions: int
    accuracy: float = Field(description="-1 where no question has a right answer to compare with")
    low: float
    high: float
    calls: float
    tokens: float
    failed: int


class CompareResult(BaseModel):
    """Strategies over the same questions."""

    standings: list[StandingRow]
    report: str = Field(description="the tables in Markdown")


class RedecisionRows(BaseModel):
    """Stored samples, decided again."""

    source: str
    questions: int
    samples: int
    rows: list[dict[str, str | float | int | None]]


def of_outcome(outcome: Outcome) -> ContemplateResult:
    """The outcome of a run."""
    decision = outcome.decision
    tally = (
        [] if decision is None else [Votes(answer=row.answer, votes=row.votes, seats=list(row.seats)) for row in decision.tally]
    )
    return ContemplateResult(
        run=outcome.run,
        answer=_words(outcome.answer or ""),
        answered=outcome.answer is not None,
        confidence=round(outcome.confidence, 4),
        stopped=outcome.stopped,
        detail=outcome.detail or "",
        strategy=outcome.strategy,
        models=list(outcome.models),
        tally=tally,
        dissent=[] if decision is None else list(decision.dissent),
        usage=outcome.usage,
        page=page_of(outcome.run),
    )


def of_stored(record: RunRecord, turns: Sequence[StoredTurn], *, texts: bool, state: str) -> ShowResult:
    """A stored run."""
    spec, outcome = record.spec, record.outcome or {}
    return ShowResult(
        run=record.run,
        state=state,
        question=_words(spec["question"]["text"]),
        kind=str(spec["question"].get("kind", "text")),
        strategy=spec["strategy"]["name"],
        models=list(spec["models"]),
        answer=_words(outcome.get("answer") or ""),
        confidence=float(outcome.get("confidence", 0.0)),
        stopped=str(outcome.get("stopped", "")),
        turns=[_row(turn, [other for other, _ in sees], texts=texts) for turn, sees in turns],
        page=page_of(record.run),
    )


def of_standing(one: Standing) -> StandingRow:
    """One strategy of a comparison."""
    return StandingRow(
        strategy=one.strategy,
        panel=one.panel,
        questions=one.n,
        accuracy=one.accuracy.value if one.n else -1.0,
        low=one.interval.low if one.n else -1.0,
        high=one.interval.high if one.n else -1.0,
        calls=one.calls.mean,
        tokens=one.tokens.mean,
        failed=one.failed,
    )


def _row(turn: Turn, saw: list[str], *, texts: bool) -> TurnRow:
    return TurnRow(
        id=turn.id,
        seat=turn.seat,
        model=turn.model,
        status=turn.status,
        came_to=brief(turn, _BRIEF),
        saw=saw,
        text=_words(turn.text or "") if texts else "",
        tools=[use.tool for use in turn.tools],
    )


def _words(text: str) -> str:
    return printable(text[:_LONGEST])


def page_of(run: str) -> str:
    """The address of the resource that is the trace page of a run."""
    return f"contemplate://pages/{run}"
