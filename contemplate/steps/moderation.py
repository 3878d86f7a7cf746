"""The moderator of a debate of two sides, and the judge who ends one that it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel
from contemplate.steps.deciding import follow_ruling
from contemplate.types import Message

SIDES = ("affirmative", "negative")


async def moderate(run: Run, panel: Panel, card: str) -> Panel:
    """Ask the moderator who has read both sides' last messages; an answer ends the debate."""
    await run.answered(panel.positions)
    moderator = run.outsider(card)
    asked = run.say(
        moderator,
        sees=[(position, "saw") for position in panel.positions],
        prompt=partial(_speeches, run, moderator, panel.positions),
        form=reply_formats.ruling(run.question, SIDES),
    )
    answer = (await asked).answer
    if answer is None:
        return panel
    decision = await follow_ruling(run, answer, panel.positions, "moderator", [asked.id])
    return replace(panel, stopped="judge", decision=decision)


async def arbitrate(run: Run, panel: Panel, lister: str, judge: str) -> Panel:
    """Let a fresh judge list the answers that the two first speeches stand for, and then pick one."""
    first = panel.first
    listing, picking = run.outsider(lister), run.outsider(judge)
    listed = run.say(
        listing,
        sees=[(speech, "saw") for speech in first],
        prompt=partial(_speeches, run, listing, first),
        form=reply_formats.items("the answers that are candidates"),
    )
    picked = run.say(
        picking,
        sees=[(listed, "saw"), *((speech, "saw") for speech in first)],
        prompt=partial(_pick, run, picking, listed, first),
        form=reply_formats.answer(run.question),
    )
    unread = "the judge gave no readable answer, so the debaters' own vote stands"
    decision = await follow_ruling(run, (await picked).answer, panel.positions, "judge", [picked.id], unread)
    return replace(panel, stopped="judge", decision=decision)


def _speeches(run: Run, agent: Agent, speeches: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    pairs = [(side, speech.turn) for side, speech in zip(SIDES, speeches, strict=True)]
    quotes = [Quote(f"The {side} side", turn.words) for side, turn in pairs if turn.answer is not None]
    material = run.quote(quotes, agent.seat)
    return prompts.ask(agent.card, run.posed, told, material)


def _pick(run: Run, judge: Agent, listed: PendingTurn, first: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    """The judge goes on from its list, with both speeches before it."""
    if listed.turn.status != "said":
        return _speeches(run, judge, first, told)
    return prompts.follow_up(run.asked(listed.turn), listed.turn.words, judge.card, told)
