"""A stored run into the values of a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from contemplate._version import __version__
from contemplate.text.visible import clipped
from contemplate.trace.attached import shown
from contemplate.trace.grounds import rests_on
from contemplate.trace.words import SHORT, brief, spent
from contemplate.types import CallRef, Message, ToolUse, Turn
from contemplate.viewer.attachments import attachments
from contemplate.viewer.beside import Beside, beside_view
from contemplate.viewer.claims import claims_view
from contemplate.viewer.layout import Layout, critical_path, lay_out
from contemplate.viewer.model import CallView, FlipView, PageModel, ProgramView, ToolView, TurnView
from contemplate.viewer.reading import Reading
from contemplate.viewer.stored import StoredRun
from contemplate.viewer.story import story, tally, verdict
from contemplate.viewer.texts import BRIEF, Texts
from contemplate.viewer.votes import decisions

_FIELD = 4_000
"""The longest field that is shown of what was read from a reply, in characters."""


def page_model(run: StoredRun, *, go_on: str = "", live: bool = False, beside: Beside | None = None) -> PageModel:
    """All that the page of a run shows; the same for the same run.

    Args:
        run: what was stored of it.
        go_on: what to do about a run that is not over.
        live: whether the page is to look for a newer version of itself.
        beside: another run to be shown beside it.
    """
    reading, texts, layout = Reading(run), Texts(), lay_out(run.turns, run.clocks)
    report, numbers, question = reading.report, reading.numbers, run.head.question
    answer = report.answer if report is not None else None
    return PageModel(
        run=run.head.run,
        title=clipped(question.text, 180),
        facts=tuple(_facts(run, reading)),
        question=texts.add(_question(run)),
        answer=None if answer is None else texts.add(answer),
        confidence=report.confidence if report is not None and answer is not None else None,
        verdict=verdict(reading, go_on or "the run is not over"),
        tally=() if reading.is_open else tally(reading, reading.decision),
        story=story(reading),
        grouped="verb" if reading.is_open else "answer",
        groups=reading.groups,
        columns=layout.columns,
        rows=layout.rows,
        size=layout.size,
        turns=tuple(_turn(number, reading, layout, texts) for number in range(len(reading.turns))),
        flips=tuple(
            FlipView(
                seat=flip.seat,
                before=numbers[flip.before.id],
                after=numbers[flip.after.id],
                read=tuple(numbers[turn.id] for turn in flip.read),
            )
            for flip in reading.flips
        ),
        measured=run.measured,
        critical=tuple(numbers[turn] for turn in critical_path(run.turns, run.clocks)),
        decisions=decisions(reading),
        claims=claims_view(reading),
        beside=None if beside is None else beside_view(reading, beside, texts),
        prompts=run.prompts is not None,
        live=live,
        attachments=attachments(run, texts),
        texts=tuple(texts.rows),
    )


def _question(run: StoredRun) -> str:
    question = run.head.question
    choices = "".join(f"\n({chr(ord('A') + number)}) {choice}" for number, choice in enumerate(question.choices[:26]))
    return question.text.strip() + (f"\n{choices}" if choices else "")


def _facts(run: StoredRun, reading: Reading) -> Iterator[tuple[str, str]]:
    head, report = run.head, reading.report
    if run.missing:
        yield "missing from the file", clipped("; ".join(run.missing), 4_000)
    yield "strategy", clipped(head.strategy, 120)
    yield "models", clipped(", ".join(head.models), 400)
    yield "kind of answer", head.question.kind
    yield "turns", f"{len(run.turns):,}"
    if report is not None:
        yield "used", spent(report.usage)
        yield "stopped", clipped(f"{report.stopped}{f' ({report.detail})' if report.detail else ''}", 400)
    else:
        yield "state", run.state
    if run.created is not None:
        yield "begun", datetime.fromtimestamp(run.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    yield "seed", str(head.seed)
    yield "run", clipped(head.run, 120)
    yield "page", f"made from {run.source} by contemplate {__version__}"


def _turn(number: int, reading: Reading, layout: Layout, texts: Texts) -> TurnView:
    run = reading.run
    turn, sees = run.turns[number]
    clock = run.clocks.get(turn.id)
    asked = () if run.prompts is None else run.prompts.get(turn.id, ())
    return TurnView(
        id=clipped(turn.id, 300),
        column=layout.cells[number][0],
        row=layout.cells[number][1],
        verb=clipped(turn.verb, 60),
        seat=clipped(turn.seat, 60),
        card=clipped(turn.card, 60),
        model=clipped(turn.model, 160),
        status=turn.status,
        text=None if turn.text is None else texts.add(turn.text),
        brief=brief(turn, BRIEF),
        label=brief(turn, SHORT),
        group=reading.group(turn),
        fields=tuple(_fields(turn, reading)),
        failure=None if turn.failure is None else (turn.failure.kind, clipped(turn.failure.message, 2_000)),
        programs=tuple(
            ProgramView(
                code=texts.add(one.code), output=texts.add(one.output), failed=one.failed, error=one.error and clipped(one.error)
            )
            for one in turn.programs
        ),
        tools=tuple(_tool(use, texts) for use in turn.tools),
        calls=tuple(_call(call, place, asked, texts) for place, call in enumerate(turn.calls)),
        tokens=(turn.tokens.prompt, turn.tokens.completion),
        usd=run.costs.get(turn.id),
        attempts=run.attempts.get(turn.id, 0),
        span=None if clock is None else (round(clock.started, 4), round(clock.ended, 4)),
        cached=clock is not None and clock.cached,
        place=layout.places[number],
        lane=layout.lanes[number],
        sees=tuple((reading.numbers[other], kind) for other, kind in sees if other in reading.numbers),
    )


def _tool(use: ToolUse, texts: Texts) -> ToolView:
    return ToolView(
        tool=clipped(use.tool, 80),
        said=texts.add(use.said),
        arguments=texts.add(use.arguments),
        result=texts.add(use.result),
        failed=use.failed,
        error=use.error and clipped(use.error),
        seconds=use.seconds,
        pure=use.pure,
    )


def _call(call: CallRef, place: int, asked: Sequence[Sequence[Message]], texts: Texts) -> CallView:
    known = asked[place] if place < len(asked) else ()
    return CallView(
        model=clipped(call.model, 160),
        tokens=(call.tokens.prompt, call.tokens.completion),
        prompt=None if not known else tuple(texts.message(message) for message in known),
    )


def _fields(turn: Turn, reading: Reading) -> Iterator[tuple[str, str]]:
    """What was shown, what was read from the reply, and how."""
    if lines := rests_on(turn):
        yield "rests on", clipped("\n".join(lines), _FIELD)
    if turn.views:
        yield "shown", clipped(shown(turn.views), _FIELD)
    if turn.answer is not None and not reading.is_open:
        yield "answer", clipped(turn.answer.text, _FIELD)
        if turn.answer.value != turn.answer.text:
            yield "taken as", clipped(turn.answer.value, _FIELD)
        yield "read from", {"stated": "its statement", "boxed": "a box", "last": "the last candidate"}[turn.answer.how]
    for name, value in (("verdict", turn.verdict), ("chose", turn.chose)):
        if value is not None:
            yield name, clipped(value, _FIELD)
    if turn.confidence is not None:
        yield "confidence", f"{turn.confidence:.2f}"
    found = turn.found.model_dump(mode="json", exclude={"claims", "composition", "words", "passages", "focus"})
    for name, value in found.items():
        yield name, clipped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _FIELD)
