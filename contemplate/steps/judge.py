"""`judge`: one outsider chooses between answers, in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from contemplate import prompts
from contemplate.agent import Agent
from contemplate.parsing import read_choice
from contemplate.prompts import LETTERS, Quote
from contemplate.run import Counting, Pending, Run, Said
from contemplate.steps.base import Panel, Step, distinct
from contemplate.types import Decision, Message


class Judge(Step):
    """A judge reads one reply for each distinct answer, in a seeded order and in the reverse of it, and chooses.

    It has chosen only if both orders say the same: judges favour what stands first or last. Else the
    decision stays as it was.

    Attributes:
        agent: the judge's card.
        when: "tie": only if the vote before it was tied, and between the tied answers; or "always".
    """

    do: Literal["judge"] = "judge"
    agent: str = "judge"
    when: Literal["tie", "always"] = "tie"

    @property
    def cards(self) -> tuple[str, ...]:
        """The judge's card."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask the judge if there is something to choose."""
        ties = panel.decision.ties if panel.decision else ()
        if self.when == "tie" and not ties:
            return panel
        camps = distinct(await run.live(panel.positions))
        if self.when == "tie":
            camps = [camp for camp in camps if camp[0].turn.answer is not None and camp[0].turn.answer.text in ties]
        candidates = [camp[0] for camp in camps]
        if len(candidates) < 2:  # noqa: PLR2004 - nothing to choose between
            return panel
        run.rng("order").shuffle(candidates)
        rulings = [self._ask(run, order, name) for name, order in (("ahead", candidates), ("reverse", candidates[::-1]))]
        chosen = {(await ruling).chose for ruling in rulings}
        vote = panel.decision or await run.vote(panel.positions, Counting(), "vote")
        decision = _ruled(vote, next((candidate for candidate in candidates if {candidate.id} == chosen), None))
        run.decide(decision, [ruling.id for ruling in rulings], "decision")
        return replace(panel, decision=decision)

    def _ask(self, run: Run, candidates: Sequence[Pending], name: str) -> Pending:
        judge = run.outsider(self.agent)
        return run.say(
            judge,
            sees=[(candidate, "saw") for candidate in candidates],
            prompt=partial(_prompt, run, judge, candidates, name),
            read=partial(_read, candidates),
            detail=name,
        )


def _prompt(run: Run, judge: Agent, candidates: Sequence[Pending], name: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {LETTERS[number]}", candidate.turn.text or "") for number, candidate in enumerate(candidates)]
    material = prompts.quoted(quotes, run.work.seed, run.step, name)
    return prompts.ask(judge.card, run.question, run.answer_form, material)


def _read(candidates: Sequence[Pending], text: str) -> Said | None:
    number = read_choice(text, len(candidates))
    return None if number is None else Said(chose=candidates[number].id)


def _ruled(decision: Decision, chosen: Pending | None) -> Decision:
    """The decision after a judge spoke; unchanged if it did not choose."""
    if chosen is None or chosen.turn.answer is None:
        return decision
    winner = chosen.turn.answer.text
    others = tuple(seat for row in decision.tally if row.answer != winner for seat in row.seats)
    changes = {"winner": winner, "value": chosen.turn.answer.value, "dissent": others, "tie_break": "judge", "reason": None}
    return decision.model_copy(update=changes)
