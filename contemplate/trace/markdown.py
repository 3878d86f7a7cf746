"""An outcome as a page in Markdown, to be kept or sent on: what a model wrote in it is shown, and does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contemplate._version import __version__
from contemplate.claims.written import places
from contemplate.ledger.base import StoredTurn
from contemplate.text import printable
from contemplate.text.markdown import harmless, plain
from contemplate.trace.attached import seen_lines
from contemplate.trace.claims import assessment_in, claims_in, composition_in, rows_of
from contemplate.trace.enclosed import enclosed, lines
from contemplate.trace.governed import governed_lines
from contemplate.trace.lines import TraceHead
from contemplate.trace.reading import positions
from contemplate.types import Assessment, Claim, Composition, Decision, Flip, Json, Question, Turn, Usage

if TYPE_CHECKING:
    from contemplate.trace.outcome import Outcome

BY_WORDS = "≈"
"""Stands before the number of a claim that was found by the words of a sentence."""
_QUESTION = 4_000
"""How much of a question is shown, in characters."""
_PASSAGE = 300
"""How much of a passage."""


@dataclass(frozen=True)
class Report:
    """All that is told of an outcome, wherever it comes from: a run that is over just now, a ledger, a trace file.

    Attributes:
        decision: what its answer was decided by.
        dissent: the last words of the seats that were for another answer, by seat.
        is_open: whether the answer is Markdown, and not a short answer.
        enclosed: what the question came with, a line each.
        governed: what rules of policies did, and what became of an answer on which much hangs, a line each.
    """

    run: str
    question: str
    answer: str | None
    confidence: float
    stopped: str
    detail: str | None
    strategy: str
    models: tuple[str, ...]
    usage: Usage
    decision: Decision | None
    dissent: tuple[tuple[str, str], ...]
    claims: tuple[Claim, ...]
    composition: Composition | None
    is_open: bool
    assessment: Assessment | None = None
    enclosed: tuple[str, ...] = ()
    governed: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcome: Outcome) -> Report:
        """What is told of an outcome."""
        return cls(
            run=outcome.run,
            question=outcome.question.text,
            answer=outcome.answer,
            confidence=outcome.confidence,
            stopped=outcome.stopped,
            detail=outcome.detail,
            strategy=outcome.strategy,
            models=outcome.models,
            usage=outcome.usage,
            decision=outcome.decision,
            dissent=tuple((turn.seat, turn.answer.text) for turn in outcome.dissent if turn.answer is not None),
            claims=outcome.claims,
            composition=outcome.composition,
            is_open=outcome.question.kind == "open",
            assessment=outcome.assessment,
            governed=governed_lines(outcome.course.turns, outcome.flips),
            enclosed=_came_with(outcome.question, outcome.course.turns),
        )

    @classmethod
    def stored(cls, head: TraceHead, outcome: Json, turns: Sequence[StoredTurn]) -> Report:
        """What is told of a run that is over, from what was stored of it.

        Args:
            head: what was asked, of whom.
            outcome: as `Outcome.to_dict` gave it.
            turns: all that was said.
        """
        said, row, answer = positions(turns), outcome["decision"], outcome["answer"]
        won = {"winner": answer, "confidence": outcome["confidence"]}
        decision = None if row is None else Decision.model_validate({**row, **won})
        against = [(seat, said[seat][-1].answer) for seat in (() if decision is None else decision.dissent) if seat in said]
        spoken = [turn for turn, _ in turns]
        return cls(
            run=head.run,
            question=head.question.text,
            answer=answer,
            confidence=outcome["confidence"],
            stopped=outcome["stopped"],
            detail=outcome.get("detail"),
            strategy=head.strategy,
            models=head.models,
            usage=Usage.model_validate(outcome["usage"]),
            decision=decision,
            dissent=tuple((seat, last.text) for seat, last in against if last is not None),
            claims=claims_in(spoken),
            composition=composition_in(spoken, answer),
            is_open=head.question.kind == "open",
            assessment=assessment_in(spoken),
            governed=governed_lines(spoken, [Flip.model_validate(flip) for flip in outcome.get("would_change", ())]),
            enclosed=_came_with(head.question, spoken),
        )


def _came_with(question: Question, turns: Sequence[Turn]) -> tuple[str, ...]:
    """What a question came with, and who was shown which attachment how, a line each."""
    return (*lines(enclosed(question.model_dump(mode="json"))), *seen_lines(question.attachments, turns))


def page(report: Report) -> str:
    """The page; it ends with a line break."""
    notes: list[str] = []
    parts = [
        _answer(report, notes),
        "\n".join(f"- {plain(line, 1_000)}" for line in report.governed),
        "\n".join(_disputes(report.claims)),
        "\n".join(_table(report.claims)),
        "\n".join(_passages(report.claims)),
        "\n".join(_whole(report)),
        "\n".join(_scores(report.assessment)),
        "\n".join(_votes(report)),
        "\n".join(_about(report)),
        "\n".join(f"[^{number}]: {plain(note)}" for number, note in enumerate(notes, 1)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _answer(report: Report, notes: list[str]) -> str:
    """The answer, each sentence with its claims, and with notes on what is wrong with it, which are added to `notes`."""
    if report.answer is None:
        return f"*No answer: {plain(report.detail or report.stopped)}.*"
    if not report.is_open:
        return plain(report.answer, len(report.answer) + 1) if "\n" not in report.answer else harmless(printable(report.answer))
    text, marks = printable(report.answer), dict[int, str]()
    sentences = report.composition.sentences if report.composition is not None else ()
    shown = [sentence.model_copy(update={"text": printable(sentence.text)}) for sentence in sentences]
    for sentence, (begin, end) in zip(shown, places(text, shown), strict=True):
        mark = "".join(f"[{BY_WORDS if sentence.by_words else ''}{plain(claim)}]" for claim in sentence.claims)
        for flag in sentence.flags:
            if flag not in notes:
                notes.append(flag)
            mark += f"[^{notes.index(flag) + 1}]"
        if mark and begin < end:
            marks[end] = f" {mark}"
    return harmless(text, marks)


def _disputes(claims: Sequence[Claim]) -> Iterator[str]:
    """Each claim that is disputed, with both sides."""
    disputed = [claim for claim in claims if claim.state == "disputed"]
    if not disputed:
        return
    yield "## Where the panel disagrees\n"
    for claim in disputed:
        yield f"- **{claim.id}.** {plain(claim.text)}"
        for side in ("for", "against", "unsure"):
            stances = [stance for stance in claim.stances if stance.side == side]
            if stances:
                yield f"  - {side}: {', '.join(plain(stance.seat) for stance in stances)}"
                yield from (f"    - {plain(reason)}" for reason in dict.fromkeys(s.reason for s in stances if s.reason.strip()))
        yield from (f"  - {_check(claim, number)}" for number in range(len(claim.checks)))


def _check(claim: Claim, number: int) -> str:
    check = claim.checks[number]
    found = {True: "holds", False: "does not hold", None: "could not be told"}[check.holds]
    return f"{check.by}: {found}{f' ({plain(check.reason)})' if check.reason.strip() else ''}"


def _table(claims: Sequence[Claim]) -> Iterator[str]:
    """A row for each claim."""
    if not claims:
        return
    yield "## Claims\n"
    yield "| | claim | state | confidence | for | against | checks | why |"
    yield "|--:|---|---|--:|---|---|---|---|"
    for claim in claims:
        cells = [
            claim.id,
            plain(claim.text),
            claim.state,
            f"{claim.confidence:.2f}",
            ", ".join(map(plain, claim.seats_for)),
            ", ".join(map(plain, claim.seats_against)),
            "; ".join(_check(claim, number) for number in range(len(claim.checks))),
            plain(claim.why),
        ]
        yield f"| {' | '.join(cells)} |"


def _passages(claims: Sequence[Claim]) -> Iterator[str]:
    """Where the words of claims stand in documents, each place once."""
    rows = [
        (claim.id, passage)
        for claim in claims
        for passage in dict.fromkeys(source.passage for source in claim.sources)
        if passage is not None
    ]
    if not rows:
        return
    yield "## Passages\n"
    yield "Where the words of a claim stand in a document; found by words alone.\n"
    for claim, passage in rows:
        page = f", page {passage.page}" if passage.page is not None else ""
        place = f"{plain(passage.document)}{page}, characters {passage.start:,} to {passage.end:,}"
        yield f"- **{claim}.** {place}: {plain(passage.text, _PASSAGE)}"


def _whole(report: Report) -> Iterator[str]:
    """What is wrong with the answer as a whole."""
    composition = report.composition
    if composition is None:
        return
    notes = [plain(flag) for flag in composition.flags]
    if any(sentence.by_words for sentence in composition.sentences):
        notes.append(f"claims with {BY_WORDS} were found by the words of a sentence whose writer named none")
    if len(composition.left_out) == 1:
        notes.append(f"it leaves out claim {plain(composition.left_out[0])}, which stands")
    elif composition.left_out:
        notes.append(f"it leaves out claims {', '.join(map(plain, composition.left_out))}, which stand")
    if notes:
        yield "## What to know of this answer\n"
        yield from (f"- {note}" for note in notes)


def _scores(assessment: Assessment | None) -> Iterator[str]:
    """A row of scores for the answer and for each reply, and what is wrong with them."""
    if assessment is None:
        return
    criteria = assessment.criteria
    yield f"## Scores by criteria{' of the panel' * assessment.proposed}\n"
    yield f"| | {' | '.join(f'{plain(one.name)} ({one.weight:g})' for one in criteria)} | mean | spread | judges |"
    yield f"|---|{'--:|' * (len(criteria) + 2)}---|"
    for name, one in rows_of(assessment):
        cells = [f"{one.scores[criterion.name]:.1f}" if criterion.name in one.scores else "-" for criterion in criteria]
        ends = ["-" if number is None else f"{number:.1f}" for number in (one.mean, one.spread)]
        yield f"| {' | '.join([plain(name), *cells, *ends, ', '.join(plain(judge.judge) for judge in one.judges)])} |"
    yield ""
    yield from (f"- **{plain(one.name)}**: {plain(one.description)}" for one in criteria if one.description)
    yield from (f"- {plain(note)}" for note in assessment.notes)


def _votes(report: Report) -> Iterator[str]:
    """Who voted for what, where votes were counted; an open answer is no vote."""
    decision = report.decision
    if decision is None or not decision.tally or report.is_open:
        return
    yield "## Votes\n"
    yield "| answer | votes | seats |"
    yield "|---|--:|---|"
    for row in decision.tally:
        yield f"| {plain(row.answer, 200)} | {row.votes} | {', '.join(map(plain, row.seats))} |"
    if report.dissent:
        yield f"\nDissent: {'; '.join(f'{plain(seat)}: {plain(text, 200)}' for seat, text in report.dissent)}"


def _about(report: Report) -> Iterator[str]:
    """The question, and how the answer came about."""
    yield "## How it came about\n"
    asked = printable(report.question).strip()
    shown = asked if len(asked) <= _QUESTION else f"{asked[:_QUESTION]}…"
    yield from (f"> {plain(line, _QUESTION)}".rstrip() for line in shown.split("\n"))
    yield ""
    yield from (f"- {plain(line, 500)}" for line in report.enclosed)
    usage = report.usage
    cost = "of unknown price" if usage.usd is None else f"${usage.usd:.4f}"
    calls = f"{usage.calls:,} call{'s' * (usage.calls != 1)}, {usage.prompt_tokens + usage.completion_tokens:,} tokens, {cost}"
    if report.answer is not None:
        yield f"- confidence: {report.confidence:.2f}"
    if report.decision is not None and report.decision.rule == "composition" and report.decision.dissent:
        yield f"- against something that it rests on: {', '.join(map(plain, report.decision.dissent))}"
    yield f"- strategy: {plain(report.strategy)}"
    yield f"- models: {', '.join(map(plain, report.models))}"
    yield f"- used: {calls}, {usage.seconds:.1f} s"
    yield f"- stopped: {plain(report.stopped)}{f' ({plain(report.detail)})' if report.detail else ''}"
    yield f"- run: {plain(report.run)} (contemplate {__version__})"
