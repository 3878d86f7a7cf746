"""`verify`: answers are accepted or rejected by somebody who did not give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Product, Step, last_said, names_of
from contemplate.steps.critique import outside
from contemplate.types import Message
from contemplate.voting.succession import succession


class Verify(Step):
    """Verifiers accept or reject: either the bare answers that still stand, or whole replies, again and again.

    Shown the "answer", a verifier works the problem out with nothing of its author's reasoning in sight. An answer that passed
    p of n verifications counts with (p + 1) / (n + 2) in a `vote` by the rule `evidence`. There is nothing to verify where
    all agree; and if the recipe's `calls_per_seat` does not allow for all of them, none is verified.

    Shown the "reply", a verifier writes a report on it, which the next `revise` shows to its author; passes and fails in a
    row are what the stop test `accepted` goes by (arXiv:2507.15855). Where a seat's last turn failed, what it said before is
    verified. A verification that failed neither accepts nor rejects.

    Attributes:
        agent: the verifiers' card.
        shows: what a verifier sees: the "answer" alone, or the whole "reply".
        times: how many verifications of each; 0 leaves the step out. A reply passes if one accepts and none rejects it.
        reader: a card that reads the verdict out of each report, in a call of its own; None: it is read from the report.
    """

    do: Literal["verify"] = "verify"
    agent: Cards = "verifier"
    shows: Literal["answer", "reply"] = "answer"
    times: Annotated[int, Field(ge=0, le=100)] = 1
    reader: str | None = None

    @property
    def cards(self) -> tuple[str, ...]:
        """The verifiers' cards, and the reader's."""
        return (*names_of(self.agent), *((self.reader,) if self.reader else ()))

    @property
    def products(self) -> frozenset[Product]:
        """Reports on replies, or what became of answers."""
        return frozenset({"critiques" if self.shows == "reply" else "verifications"})

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the verifications, and read them."""
        if not self.times:
            return panel
        if self.shows == "answer":
            return await self._answers(run, panel)
        return await self._replies(run, panel)

    async def _answers(self, run: Run, panel: Panel) -> Panel:
        answer_groups = await run.answer_groups(panel.positions)
        if len(answer_groups) == 1:
            return panel
        if not run.affords(len(answer_groups) * self.times):
            run.note(f"{len(answer_groups)} answers are not verified: that would pass the recipe's calls for each seat")
            return panel
        asked = [self.ask(run, group[0], outside(group, panel, run.models)) for group in answer_groups]
        verified = {}
        for group, verifications in zip(answer_groups, asked, strict=True):
            verdicts = [(await verification).verdict for verification in verifications]
            answer = group[0].turn.answer
            if answer is not None:
                passed, failed = verdicts.count("sound"), verdicts.count("flawed")
                verified[answer.value] = float(succession(passed, passed + failed))
        judged = {group[0].id: tuple(turns) for group, turns in zip(answer_groups, asked, strict=True)}
        return replace(panel, verified=verified, verdicts=panel.with_verdicts(judged))

    async def _replies(self, run: Run, panel: Panel) -> Panel:
        """Verify the last readable reply of each seat that is not out."""
        standing = [await last_said(position, panel) for position in panel.positions]
        checked = [position for position in standing if position.seat not in panel.out]
        asked = [(position, self.ask(run, position, outside([position], panel, run.models))) for position in checked]
        ruled = [self._read(run, reports) if self.reader else reports for _, reports in asked]
        critiques, streaks = {}, dict(panel.streaks)
        for (position, reports), rulings in zip(asked, ruled, strict=True):
            verdicts = [verdict for ruling in rulings if (verdict := (await ruling).verdict) is not None]
            critiques[position.id] = tuple(reports) if verdicts else ()
            if verdicts:
                streaks[position.seat] = (*streaks.get(position.seat, ()), all(verdict == "sound" for verdict in verdicts))
        return replace(panel, positions=tuple(standing), critiques=critiques, streaks=streaks)

    def ask(self, run: Run, target: PendingTurn, verifiers: Sequence[int]) -> list[PendingTurn]:
        """Lay out the verifications of one position, by those seats in turn."""
        names = names_of(self.agent)
        found = []
        for number in range(self.times):
            verifier = run.seat(names[number % len(names)], verifiers[number % len(verifiers)])
            again = f"-{number // len(verifiers) + 1}" if number >= len(verifiers) else ""
            found.append(self.ask_one(run, target, verifier, f"of-{target.seat or 'nobody'}{again}"))
        return found

    def ask_one(self, run: Run, target: PendingTurn, verifier: Agent, detail: str) -> PendingTurn:
        """Lay out one verification of a position."""
        return run.say(
            verifier,
            sees=[(target, "criticised")],
            prompt=partial(self._prompt, run, verifier, target),
            form=reply_formats.anything() if self.reader else reply_formats.verdict(good="accept", bad="reject"),
            detail=detail,
        )

    def _prompt(self, run: Run, verifier: Agent, target: PendingTurn, told: str) -> tuple[Message, ...] | None:
        turn = target.turn
        if turn.answer is None or turn.text is None:
            return None
        quote = Quote("Answer", turn.answer.text) if self.shows == "answer" else Quote("Reply", turn.words)
        material = run.quote([quote], target.id, verifier.seat, rounds=False)
        return prompts.ask(verifier.card, run.posed, told, material)

    def _read(self, run: Run, reports: Sequence[PendingTurn]) -> list[PendingTurn]:
        """One call for each report that reads its verdict."""
        assert self.reader is not None  # noqa: S101 - only then is this called
        reader = run.outsider(self.reader)
        return [
            run.say(
                reader,
                sees=[(report, "saw")],
                prompt=partial(_reading, run, reader, report),
                form=reply_formats.verdict(good="yes", bad="no"),
                detail=f"{report.id.rpartition('/')[2]}-by-{report.seat}",
            )
            for report in reports
        ]


def _reading(run: Run, reader: Agent, report: PendingTurn, told: str) -> tuple[Message, ...] | None:
    if report.turn.status != "said" or report.turn.text is None:
        return None
    material = run.quote([Quote("Report", report.turn.words)], report.id, rounds=False)
    return prompts.ask(reader.card, run.posed, told, material)
