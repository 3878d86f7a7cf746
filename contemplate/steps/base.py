"""Steps, and the panel that flows through them."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from contemplate.deprecated import renamed
from contemplate.errors.boundary import typed
from contemplate.run import PendingTurn, Run
from contemplate.types import Claim, Composition, Decision, StopReason, Turn, Value

Cards = str | tuple[str, ...]
"""One card for all the seats, or several that the seats take in turn."""

GIVEN_BY: Mapping[str, str] = {
    "critiques": "'critique' gives them, and 'verify' with 'shows: reply'",
    "scores": "the step 'score' gives them",
    "ballots": "the step 'rank' gives them",
    "verifications": "the step 'verify' gives them",
    "decision": "a vote or a judge gives one",
    "logprobs": "'propose' gives them with 'logprobs: 1' or more",
    "confidence": "'propose' asks for it with 'confidence: true'",
    "claims": "the step 'claims' makes them out",
}
"""Where each product comes from, for whoever misses it."""

Product = Literal["critiques", "scores", "ballots", "verifications", "decision", "logprobs", "confidence", "claims"]
"""What a step may leave on the panel, beside answers, for the steps after it."""


Teaching = Literal["agreement", "consistency", "witnesses"]
"""What a ledger teaches about models: how far their answers agree with those of others, or their choices with their own; or what
their answers and verdicts are worth as evidence (`contemplate.voting.witnesses`)."""

Failed = Literal["abstains", "keeps", "keeps-unless-unread"]
"""What becomes of a seat whose last turn failed: it abstains, or keeps the answer that it gave before, if it gave one.

"keeps-unless-unread": it keeps that where its call failed, or its reply was cut off, held back, empty or far too long; where its
reply can't be read, it abstains.
"""


@dataclass(frozen=True)
class Panel:
    """The state of the panel between two steps. Turns in it may still be pending.

    Attributes:
        positions: each seat's latest answer, in seat order.
        earlier: the positions before those, oldest first.
        cap: how many independent answers there may be; more than there are where sampling was stopped early.
        critiques: the critiques since the last revision, by the id of each position whose answer they criticise.
        scores: how good, or how sure, each position was found to be, by its id; more is better.
        scored_by: the turns that these scores were read from; none if they came from log-probabilities.
        chosen: the id of the one position that was chosen over all others, so that there is nothing left to count.
        ballots: the ballots that seats filled in over the positions.
        verdicts: the verdicts on answers as evidence for the rule `posterior`, by the id of the position whose answer was judged.
        verified: how often an answer can be expected to pass an independent verification, in (0, 1), by canonical value.
        streaks: for each seat, whether the verifications of its reply were passed, oldest first.
        out: seats that are out of it: their last word stands, and they are asked nothing more.
        decision: the last decision.
        first_decision: the same vote over the first positions, where they were revised.
        stopped: the stop test that fired, if one did.
        claims: the claims of the panel on an open question.
        composition: the open answer that was written of them, sentence by sentence.
    """

    positions: tuple[PendingTurn, ...] = ()
    earlier: tuple[tuple[PendingTurn, ...], ...] = ()
    cap: int = 0
    critiques: dict[str, tuple[PendingTurn, ...]] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    scored_by: tuple[PendingTurn, ...] = ()
    chosen: str | None = None
    ballots: tuple[PendingTurn, ...] = ()
    verdicts: dict[str, tuple[PendingTurn, ...]] = field(default_factory=dict)
    verified: dict[str, float] = field(default_factory=dict)
    streaks: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    out: frozenset[str] = frozenset()
    decision: Decision | None = None
    first_decision: Decision | None = None
    stopped: StopReason | None = None
    claims: tuple[Claim, ...] = ()
    composition: Composition | None = None

    @property
    def first(self) -> tuple[PendingTurn, ...]:
        """Each seat's first, independent answer."""
        return self.earlier[0] if self.earlier else self.positions

    def with_verdicts(self, further: Mapping[str, tuple[PendingTurn, ...]]) -> dict[str, tuple[PendingTurn, ...]]:
        """The verdicts on answers so far, and further ones."""
        return {**self.verdicts, **{about: (*self.verdicts.get(about, ()), *turns) for about, turns in further.items()}}

    def with_positions(self, positions: Sequence[PendingTurn]) -> Self:
        """The panel after its seats took new positions."""
        earlier = (*self.earlier, self.positions) if self.positions else ()
        moved = replace(self, positions=tuple(positions), earlier=earlier, critiques={}, ballots=(), verified={})
        return replace(moved, scores={}, scored_by=(), chosen=None, claims=())

    if not TYPE_CHECKING:
        __getattr__ = renamed({"moved": "with_positions"})


class Step(Value):
    """One verb of a recipe: its parameters, and what it does.

    A step lays out turns and hands on the panel. It awaits only what it must read to know what to lay out.
    """

    was: ClassVar[Mapping[str, object]] = {}
    """Words that came later than the verb, and what they were before: a stored run that lacks one is read so."""

    needs_positions: ClassVar[bool] = True
    """Whether there must be answers before this step."""

    gives: ClassVar[tuple[Product, ...]] = ()
    """What it leaves on the panel."""

    moves: ClassVar[bool] = False
    """Whether seats take new positions: what was said about the old ones is gone then, but for a decision."""

    runs_programs: ClassVar[bool] = False
    """Whether a card of it that writes programs has them run; in any other step such a card has no place."""

    do: str

    @property
    def products(self) -> frozenset[Product]:
        """The products that it leaves on the panel as it is set here."""
        return frozenset(self.gives)

    @property
    def needs(self) -> Mapping[str, Product]:
        """The products that must be on the panel before this step, by the word in the recipe that asks for it ("do": always)."""
        return {}

    @property
    def panel_size(self) -> int | None:
        """The number of seats that it puts on the panel; None if it leaves them as they are."""
        return None

    @property
    def logprobs_wanted(self) -> int:
        """The number of likeliest tokens to be reported at each position of a reply; 0 for none."""
        return 0

    @property
    def optional_cards(self) -> frozenset[str]:
        """Those of its cards that write programs, and that it does without where these can't be run or give the answer."""
        return frozenset()

    @property
    def learns(self) -> bool:
        """Whether it weighs what a ledger teaches about the models."""
        return False

    @property
    def taught(self) -> frozenset[Teaching]:
        """What exactly it goes by of what a ledger teaches: "agreement" where it `learns`.

        An experiment refuses what `learns`, and lets "witnesses" be: these are learned once for all its runs.
        """
        return frozenset({"agreement"} if self.learns else ())

    @property
    def stop_test(self) -> Value | None:
        """The stop test under its word `until`, if it has one."""
        return None

    @property
    def leaves(self) -> int:
        """The number of steps that this is, those inside it counted."""
        return 1

    def problem_with(self, seats: int) -> tuple[str, str] | None:
        """The reason why so many seats can't do it: the word in the recipe that is wrong, and what is; None if they can."""
        old: Callable[[int], tuple[str, str] | None] | None = getattr(self, "misfit", None)
        if old is None:
            return None
        warnings.warn(f"{type(self).__name__}.misfit is called problem_with now", DeprecationWarning, stacklevel=2)
        return old(seats)

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that it uses."""
        return ()

    @abstractmethod
    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out this step's turns; return where the panel stands then."""


async def perform(steps: Sequence[Step], run: Run, panel: Panel) -> Panel:
    """Do `steps` one after the other, until they are through or the budget is spent.

    Raises:
        ProgramError: a step's own code raised an exception; the message names the step.
    """
    number = run.number
    for step in steps:
        if run.spent():
            break
        with typed(f"step {number}.{step.do}"):
            panel = await step(run.at(number, step.do), panel)
        number += step.leaves
    return panel


async def last_said(position: PendingTurn, panel: Panel) -> PendingTurn:
    """The last position of a seat that holds an answer; its last one if none does."""
    before = [earlier for positions in reversed(panel.earlier) for earlier in positions if earlier.seat == position.seat]
    for candidate in (position, *before):
        if (await candidate).answer is not None:
            return candidate
    return position


async def standing(panel: Panel, failed: Failed) -> tuple[PendingTurn, ...]:
    """The position that counts for each seat."""
    if failed == "abstains":
        return panel.positions
    return tuple([await _kept(position, panel, failed) for position in panel.positions])


async def _kept(position: PendingTurn, panel: Panel, failed: Failed) -> PendingTurn:
    return position if gives_up(await position, failed) else await last_said(position, panel)


def of_record(run: Run, ids: Iterable[str]) -> list[PendingTurn]:
    """The turns of those ids that are over, for others to see."""
    found: list[PendingTurn] = []
    for turn in (run.course.turn(turn_id) for turn_id in ids):
        if turn is not None:
            found.append(PendingTurn(turn))
            found[-1].finish(turn)
    return found


def gives_up(turn: Turn, failed: Failed) -> bool:
    """Whether the author of a turn that failed has given up the answer that stood before it."""
    unread = turn.failure is not None and turn.failure.kind == "no-answer"
    return failed == "abstains" or (failed == "keeps-unless-unread" and unread)


def names_of(cards: Cards) -> tuple[str, ...]:
    """The cards as a tuple."""
    return (cards,) if isinstance(cards, str) else cards


def from_name(value: object) -> object:
    """A stop test given by its name alone."""
    return {"test": value} if isinstance(value, str) else value
