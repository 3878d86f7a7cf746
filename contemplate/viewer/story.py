"""The story of a run, in words: why this answer, what seats said first, who changed after reading whom, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from contemplate.text.visible import clipped
from contemplate.trace import words
from contemplate.trace.reading import first_vote
from contemplate.trace.words import seat_count, spent, words_of
from contemplate.types import Decision, Turn
from contemplate.viewer.governed import governed
from contemplate.viewer.model import Bar, Line, Part, Span
from contemplate.viewer.reading import Reading

_MOST = 40
"""How many changes, failures or disputes are told one by one."""


def story(reading: Reading) -> tuple[Part, ...]:
    """All parts that have something to tell."""
    parts = (
        Part(title="How it came to this", lines=tuple(_course(reading))),
        Part(title="Who disagrees", lines=tuple(_dissent(reading))),
        *governed(reading),
        Part(title="Turning points", lines=tuple(_turning(reading))),
        Part(title="What went wrong", lines=tuple(_failures(reading))),
        Part(title="What it cost", lines=tuple(_cost(reading))),
    )
    return tuple(part for part in parts if part.lines)


def verdict(reading: Reading, go_on: str = "not over yet") -> str:
    """How the answer won, or why there is none, in one line."""
    return f"No outcome yet: {go_on}." if reading.report is None else words.verdict(reading.report, reading.decision)


def tally(reading: Reading, decision: Decision | None) -> tuple[Bar, ...]:
    """The rows of a tally."""
    return tuple(
        Bar(
            answer=clipped(row.answer, 160),
            group=reading.group_called(row.answer),
            votes=row.votes,
            weight=row.weight,
            seats=row.seats,
            note=", ".join(
                [
                    *(f"{name} {share:.0%}" for name, share in row.shares.items()),
                    *([f"mean rank {row.mean_rank:.2f}"] if row.mean_rank is not None else []),
                ]
            ),
        )
        for row in (decision.tally if decision is not None else ())
    )


def _course(reading: Reading) -> Iterator[Line]:
    """The shape of the run: who took part, what was said first, how it ended."""
    turns, report = reading.turns, reading.report
    seats = dict.fromkeys(turn.seat for turn in turns if turn.on_panel)
    others = dict.fromkeys(turn.seat for turn in turns if turn.seat and not turn.on_panel)
    steps = list(dict.fromkeys(turn.step.partition(".")[2] or turn.step for turn in turns))
    beside = f" and {len(others)} other{'s' * (len(others) != 1)} ({', '.join(list(others)[:4])})" if others else ""
    yield (Span(text=f"{seat_count(len(seats))}{beside} took {len(turns)} turns: {', then '.join(steps[:8])}."),)
    first = first_vote(reading.run.turns)
    if first is not None and first.tally:
        said = ", ".join(f"{row.votes} for {clipped(row.answer, 60)}" for row in first.tally[:5])
        yield (Span(text=f"Before they read each other: {said}{_abstained(first)}."),)
        if reading.decision is not None and first.value != reading.decision.value:
            yield (
                Span(
                    text=f"The discussion changed the answer: the first votes alone gave {clipped(first.winner or 'none', 80)}."
                ),
            )
        elif first.winner is not None:
            yield (Span(text="The discussion did not change the answer."),)
    if report is not None:
        why = f" ({clipped(report.detail, 300)})" if report.detail else ""
        yield (Span(text=f"It ended as “{report.stopped}”{why}."),)
    gold = reading.run.head.question.gold
    if gold is not None and report is not None:
        yield (Span(text=f"The right answer, known beforehand and shown to nobody: {clipped(gold, 120)}."),)


def _abstained(decision: Decision) -> str:
    count = len(decision.abstentions)
    return f", {count} without an answer" if count else ""


def _dissent(reading: Reading) -> Iterator[Line]:
    """Each seat that was for something else, with its last answer; and the claims that are disputed."""
    report, decision = reading.report, reading.decision
    if decision is None or report is None:
        return
    last = {turn.seat: turn for turn in reading.turns if turn.answer is not None and turn.status == "said"}
    if decision.rule == "composition":
        for seat in decision.dissent[:_MOST]:
            against = [claim for claim in report.claims if seat in claim.seats_against]
            told = "; ".join(f"[{claim.id}] {clipped(claim.text, 120)}" for claim in against[:5])
            yield (Span(text=f"{seat} is against {told or 'something in the answer'}."),)
        for claim in [claim for claim in report.claims if claim.state == "disputed"][:_MOST]:
            sides = f"{len(claim.seats_for)} for, {len(claim.seats_against)} against"
            why = clipped(claim.why, 160) or "no reason kept"
            yield (Span(text=f"Disputed: [{claim.id}] {clipped(claim.text, 200)} ({sides}; {why})."),)
    else:
        for seat in decision.dissent[:_MOST]:
            if (turn := last.get(seat)) is not None:
                yield (reading.link(turn, seat), Span(text=f" holds {words_of(turn.answer)}."))
            else:
                yield (Span(text=f"{seat} voted for another answer."),)
    if decision.abstentions:
        yield (Span(text=f"Without a readable answer: {', '.join(decision.abstentions[:_MOST])}."),)
    if report.answer is not None and not decision.dissent and not decision.abstentions:
        yield (Span(text="Nobody."),)


def most_followed(reading: Reading) -> tuple[Turn, int] | None:
    """The turn that the most seats had read when they changed to its answer, and how many; the first of equals."""
    led: Counter[str] = Counter()
    for flip in reading.flips:
        group = reading.group(flip.after)
        led.update(turn.id for turn in flip.read if reading.group(turn) == group)
    if not led:
        return None
    best = max(led, key=lambda turn: (led[turn], -reading.numbers[turn]))
    return reading.turns[reading.numbers[best]], led[best]


def _turning(reading: Reading) -> Iterator[Line]:
    """Who changed from what to what, after reading whom."""
    if (followed := most_followed(reading)) is not None:
        turn, count = followed
        yield (
            Span(text="The turn that changed the most minds: "),
            reading.link(turn),
            Span(text=f". {seat_count(count)} read it and went over to its answer, {words_of(turn.answer)}."),
        )
    for flip in reading.flips[:_MOST]:
        change = f" went from {words_of(flip.before.answer, 60)} to {words_of(flip.after.answer, 60)}"
        read = (Span(text=", after reading "), *reading.links(flip.read)) if flip.read else ()
        yield (reading.link(flip.after, flip.seat), Span(text=f"{change} in {_where(flip.after)}"), *read, Span(text="."))
    if len(reading.flips) > _MOST:
        yield (Span(text=f"And {len(reading.flips) - _MOST} more changes."),)
    if not reading.flips and not reading.is_open:
        yield (Span(text="No seat changed its answer."),)
    if reading.is_open and reading.report is not None:
        for claim in [claim for claim in reading.report.claims if claim.state == "fell"][:_MOST]:
            made = [reading.link(source.turn, source.seat) for source in claim.sources[:1]]
            text = f"Claim [{claim.id}] fell: {clipped(claim.text, 200)} ({clipped(claim.why, 200) or 'no reason kept'})"
            yield (Span(text=text), *((Span(text="; made by "), *made) if made else ()), Span(text="."))


def _where(turn: Turn) -> str:
    return f"{turn.step}, round {turn.round}" if turn.round else turn.step


def _failures(reading: Reading) -> Iterator[Line]:
    """Each turn that failed, and why."""
    failed = [turn for turn in reading.turns if turn.failure is not None]
    for turn in failed[:_MOST]:
        if turn.failure is not None:
            yield (reading.link(turn), Span(text=f" failed ({turn.failure.kind}): {clipped(turn.failure.message, 300)}"))
    if len(failed) > _MOST:
        yield (Span(text=f"And {len(failed) - _MOST} more failed turns."),)
    cancelled = sum(turn.status == "cancelled" for turn in reading.turns)
    if cancelled:
        were = "turn was" if cancelled == 1 else "turns were"
        yield (Span(text=f"{cancelled} {were} cancelled: the run was over, or did not need them any more."),)


def _cost(reading: Reading) -> Iterator[Line]:
    """Calls, tokens, money and time; and which turn cost the most."""
    if reading.report is not None:
        yield (Span(text=spent(reading.report.usage)),)
    biggest = max(reading.turns, key=lambda turn: turn.tokens.total, default=None)
    if biggest is not None and biggest.tokens.total:
        yield (Span(text="The largest turn: "), reading.link(biggest), Span(text=f", {biggest.tokens.total:,} tokens."))
    slowest = _slowest(reading)
    if slowest is not None:
        turn, seconds = slowest
        yield (Span(text="The slowest turn: "), reading.link(turn), Span(text=f", {seconds:.1f} s."))


def _slowest(reading: Reading) -> tuple[Turn, float] | None:
    clocks = reading.run.clocks
    timed = [(clock.ended - clock.started, turn) for turn in reading.turns if (clock := clocks.get(turn.id)) is not None]
    seconds, turn = max(timed, key=lambda one: one[0], default=(0.0, None))
    return (turn, seconds) if turn is not None and seconds > 0 else None
