"""Stop tests: when a `repeat` has nothing more to gain."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field

from contemplate.answers import same
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, from_name
from contemplate.steps.deciding import held_by
from contemplate.steps.moderation import SIDES, arbitrate, moderate
from contemplate.steps.settled import check_settled
from contemplate.types import Decision, Tally, Value
from contemplate.voting.decision import ruled, undecided
from contemplate.voting.stopping import Settled, SettledTest
from contemplate.voting.succession import succession


class StopTest(Value):
    """A stop test; it hands on the panel, with `stopped` set if it fires."""

    after_last: ClassVar[bool] = False
    """Whether it is read after the last pass too."""

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that it uses."""
        return ()

    def problem_with(self, seats: int) -> str | None:  # noqa: ARG002 - for tests that need a certain number of them
        """The reason why it can't be read off a panel of so many seats; None if it can."""
        return None

    @abstractmethod
    async def check(self, run: Run, panel: Panel) -> Panel:
        """Read the test."""

    async def close(self, run: Run, panel: Panel) -> Panel:  # noqa: ARG002 - for tests that have something left to do
        """Do what is left where it is read after the last pass, and did not fire."""
        return panel


class Agreement(StopTest):
    """Enough seats hold the same answer. A seat without a readable answer agrees with nobody.

    Attributes:
        share: the share of all seats that must hold it, in (0, 1].
    """

    test: Literal["agreement"] = "agreement"
    share: Annotated[float, Field(gt=0, le=1)] = 1.0

    async def check(self, run: Run, panel: Panel) -> Panel:
        """Whether the panel agrees, once all its positions are there."""
        answer_groups = await run.answer_groups(panel.positions)
        agree = max(map(len, answer_groups)) >= self.share * len(panel.positions)
        return replace(panel, stopped=self.test) if agree else panel


class Stable(StopTest):
    """No seat changed its answer in the last pass."""

    test: Literal["stable"] = "stable"

    async def check(self, run: Run, panel: Panel) -> Panel:
        """Whether every seat holds the answer that it held before."""
        if not panel.earlier:
            return panel
        await run.answered(panel.positions)
        for before, now in zip(panel.earlier[-1], panel.positions, strict=True):
            old, new = (await before).answer, (await now).answer
            if (
                old is None
                or new is None
                or (same(old, new) is None and frozenset((old.value, new.value)) not in run.found_equal)
            ):
                return panel
        return replace(panel, stopped=self.test)


class Accepted(StopTest):
    """A reply was accepted by so many verifications in a row; or each seat's was rejected by so many in a row.

    A pass adds one to a seat's passes and takes its fails back to none, a fail the other way round; a verification that
    failed is neither. With one reply accepted the decision is for it; as long as none is, it is for none. The
    step `verify` with `shows: reply` must be inside the `repeat`.

    Attributes:
        passes: verifications in a row that accept a reply.
        fails: verifications in a row that reject it: its seat is out then; None: it never is.

    References:
        arXiv:2507.15855: 5 and 10.
    """

    after_last: ClassVar[bool] = True

    test: Literal["accepted"] = "accepted"
    passes: Annotated[int, Field(ge=1, le=1000)] = 5
    fails: Annotated[int, Field(ge=1, le=1000)] | None = 10

    async def check(self, run: Run, panel: Panel) -> Panel:
        """Whether a reply is accepted, or all are rejected; the counts go on record."""
        if not panel.streaks:
            return panel
        for position in panel.positions:
            await position
        counts = {seat: (_in_a_row(each, passed=True), _in_a_row(each, passed=False)) for seat, each in panel.streaks.items()}
        if self.fails is not None:
            panel = replace(panel, out=panel.out | {seat for seat, (_, fails) in counts.items() if fails >= self.fails})
        won = next((p for p in panel.positions if counts.get(p.seat, (0, 0))[0] >= self.passes), None)
        decision = self._decision(panel, counts, won)
        counted = [position.id for position in panel.positions if position.seat in counts]
        run.record_decision(decision, [*counted, *(report.id for reports in panel.critiques.values() for report in reports)])
        panel = replace(panel, decision=decision)
        if won is not None:
            return replace(panel, stopped="accepted")
        return replace(panel, stopped="rejected") if all(p.seat in panel.out for p in panel.positions) else panel

    def _decision(self, panel: Panel, counts: Mapping[str, tuple[int, int]], won: PendingTurn | None) -> Decision:
        """The decision for the reply that was accepted, or for none; the tally holds the passes in a row of each seat."""
        rows = [self._row(position, *counts[position.seat]) for position in panel.positions if position.seat in counts]
        tally = sorted((row for row in rows if row), key=lambda row: -row.weight)
        silent = [position.seat for position in panel.positions if position.seat not in counts]
        if won is not None and won.turn.answer is not None:
            accepted = succession(counts[won.seat][0], len(panel.streaks[won.seat]))
            counted = undecided(self.test, tally, abstentions=silent)
            return ruled(counted, won.turn.answer, held_by(panel.positions), rule=self.test, confidence=accepted)
        most = max(passes for passes, _ in counts.values())
        reason = f"no reply was accepted {self.passes} times in a row (at most {most} at the end)"
        if all(position.seat in panel.out for position in panel.positions):
            reason = f"every reply was rejected {self.fails} times in a row"
        return undecided(self.test, tally, abstentions=silent, reason=reason)

    def _row(self, position: PendingTurn, passes: int, fails: int) -> Tally | None:
        """The row of the tally for one seat's reply."""
        answer = position.turn.answer
        if answer is None:
            return None
        shares = {"passes": min(1.0, passes / self.passes), "fails": min(1.0, fails / self.fails) if self.fails else 0.0}
        return Tally(answer=answer.text, votes=passes, weight=float(passes), seats=(position.seat,), shares=shares)


class Moderated(StopTest):
    """A moderator reads both sides' last messages after each round; if it gives an answer, the debate is over.

    If it has given none after the last round, a fresh judge lists the answers that the two first speeches stand for, and
    then picks one. Either way the decision is for what was ruled.

    Attributes:
        moderator: the moderator's card.
        lister: the card under which the judge lists the candidates.
        judge: the card under which it picks one.

    References:
        arXiv:2305.19118.
    """

    after_last: ClassVar[bool] = True

    test: Literal["judge"] = "judge"
    moderator: str = "moderator"
    lister: str = "candidate-lister"
    judge: str = "arbiter"

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the moderator, the lister and the judge."""
        return (self.moderator, self.lister, self.judge)

    def problem_with(self, seats: int) -> str | None:
        """A debate has two sides."""
        return None if seats == len(SIDES) else f"the stop test 'judge' hears two sides, and the panel has {seats}"

    async def check(self, run: Run, panel: Panel) -> Panel:
        """Ask the moderator."""
        return await moderate(run, panel, self.moderator)

    async def close(self, run: Run, panel: Panel) -> Panel:
        """Ask the judge."""
        return await arbitrate(run, panel, self.lister, self.judge)


def _in_a_row(streak: tuple[bool, ...], *, passed: bool) -> int:
    """The number of the last verifications, without a break, that were passed or failed."""
    return next((count for count, ruling in enumerate(reversed(streak)) if ruling is not passed), len(streak))


async def check(test: Stop, run: Run, panel: Panel) -> Panel:
    """Read a stop test; `stopped` is set if it fires."""
    if isinstance(test, StopTest):
        return await test.check(run, panel)
    return await check_settled(run, panel, test)


Stop = Annotated[Agreement | Stable | Accepted | Moderated | Settled, Field(discriminator="test"), BeforeValidator(from_name)]
"""A stop test: its name, or its name with parameters, as `{test: agreement, share: 0.8}`."""

STOP_TESTS: Mapping[str, type[Value]] = {
    **{kind.model_fields["test"].default: kind for kind in (Agreement, Stable, Accepted, Moderated)},
    **{kind.model_fields["rule"].default: kind for kind in get_args(SettledTest)},
}
"""The stop tests by name, those over a vote by that of their rule."""
