"""`judge`: one outsider chooses between answers, in both orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Literal

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.steps.deciding import held_by
from contemplate.types import Decision, Message
from contemplate.voting.decision import ruled


class Judge(Step):
    """A judge reads one reply for each distinct answer, in a seeded order and in the reverse of it, and chooses.

    It has chosen only if both orders say the same: judges favour what stands first or last. Else the
    decision stays as it was. If the recipe's `calls_per_seat` does not allow for two more calls, it is not asked.

    Attributes:
        agent: the judge's card.
        when: "tie": only if the vote before it was tied, and between the tied answers; "always"; or "never".
    """

    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["judge"] = "judge"
    agent: str = "judge"
    when: Literal["tie", "always", "never"] = "tie"

    @property
    def cards(self) -> tuple[str, ...]:
        """The judge's card."""
        return (self.agent,)

    @property
    def needs(self) -> Mapping[str, Product]:
        """A vote that may be tied."""
        return {"when": "decision"} if self.when == "tie" else {}

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask the judge if there is something to choose."""
        ties = panel.decision.ties if panel.decision else ()
        if self.when == "never" or (self.when == "tie" and not ties):
            return panel
        candidates = [
            group[0] for group in await run.answer_groups(panel.positions) if self.when == "always" or _any_of(group, ties)
        ]
        if len(candidates) < 2:  # noqa: PLR2004 - nothing to choose between
            return panel
        if not run.affords(2):
            run.note("the tie goes to no judge: that would pass the recipe's calls for each seat")
            return panel
        run.rng("order").shuffle(candidates)
        rulings = [self._ask(run, order, name) for name, order in (("ahead", candidates), ("reverse", candidates[::-1]))]
        chosen = {(await ruling).chose for ruling in rulings}
        vote = panel.decision or await run.vote(panel.positions, Counting(), "vote")
        decision = _for(run, vote, next((one for one in candidates if {one.id} == chosen), None), panel.positions)
        run.record_decision(decision, [ruling.id for ruling in rulings], "decision")
        return replace(panel, decision=decision)

    def _ask(self, run: Run, candidates: Sequence[PendingTurn], name: str) -> PendingTurn:
        judge = run.outsider(self.agent)
        return run.say(
            judge,
            sees=[(candidate, "saw") for candidate in candidates],
            prompt=partial(_prompt, run, judge, candidates, name),
            form=reply_formats.choice([candidate.id for candidate in candidates]),
            detail=name,
        )


def _any_of(group: Sequence[PendingTurn], texts: Sequence[str]) -> bool:
    return any(position.turn.answer is not None and position.turn.answer.text in texts for position in group)


def _prompt(run: Run, judge: Agent, candidates: Sequence[PendingTurn], name: str, told: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {LETTERS[number]}", candidate.turn.reply) for number, candidate in enumerate(candidates)]
    material = run.quote(quotes, name, rounds=False)
    return prompts.ask(judge.card, run.posed, told, material)


def _for(run: Run, vote: Decision, chosen: PendingTurn | None, positions: Sequence[PendingTurn]) -> Decision:
    """The decision after the judge spoke: the vote as it was, if it chose none."""
    if chosen is None or chosen.turn.answer is None:
        return vote
    held = held_by(positions)
    return ruled(vote, chosen.turn.answer, held, rule=vote.rule, judged=run.found_equal, breaks_tie=True)
