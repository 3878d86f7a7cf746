"""`claims`: what the seats' replies claim becomes one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.claims import (
    MOST,
    MOST_PER_SEAT,
    Listed,
    Pair,
    computed,
    decided,
    kept,
    listed,
    merged,
    passage_of,
    sentences,
    shared_out,
    words_of,
    worth_asking,
)
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.types import Claim, ClaimSource, Found, Message

PAIRS_A_CALL = 10
_LOOKED_AT = 20_000
_GROUNDED = 2
"""A claim that a splitter lists must share one of so many of its content words with the reply; it may not invent any."""


class Claims(Step):
    """The claims that the replies list themselves, those that say the same as one.

    A reply without a list is split by a call, or sentence by sentence where no call is left. Equal forms are one by
    themselves; of other pairs whose words overlap a model is asked, ten a call, the likeliest first. What says other numbers, or
    denies what the other says, is never one. What a claim computes is computed again.

    Calls are made of what is left over: one for each seat is kept back for the step `weigh`, `keep` for what comes then, and half
    of the rest for `challenge`. A seat brings at most 12 claims, and a panel 60; what is left out is noted.

    Attributes:
        splitter: the card of who lists the claims of a reply that has no list.
        matcher: the card of who says whether claims say the same.
        keep: how many calls are kept back, besides one a seat, where the recipe's `calls_per_seat` sets a bound.
    """

    gives: ClassVar[tuple[Product, ...]] = ("claims",)

    do: Literal["claims"] = "claims"
    splitter: str = "claim-splitter"
    matcher: str = "claim-matcher"
    keep: Annotated[int, Field(ge=0, le=1000)] = 4

    @property
    def cards(self) -> tuple[str, ...]:
        """The splitter's and the matcher's card."""
        return (self.splitter, self.matcher)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Read the claims, ask what is worth asking, and put the table on record."""
        said = await run.answered(panel.positions)
        claims = await _Table(self, run, said, _calls(run, len(panel.positions), self.keep)).made()
        return replace(panel, claims=claims)


def _calls(run: Run, seats: int, keep: int) -> int:
    """How many calls may be spent on splitting and matching: half of what nobody needs; without a bound, two a seat."""
    return 2 * seats if run.left is None else max(run.left - seats - keep, 0) // 2


@dataclass
class _Table:
    """The step at work.

    Attributes:
        said: the replies, which are over.
        calls: how many may be made.
        made_of: the turns that the table comes from.
        notes: what was left out.
    """

    step: Claims
    run: Run
    said: Sequence[PendingTurn]
    calls: int
    made_of: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def made(self) -> tuple[Claim, ...]:
        """The claims, once all is read and asked; they are on record then."""
        self.made_of = [position.id for position in self.said]
        sources = self._shared_out(await self._listed())
        claims = tuple(decided(_computed(claim)) for claim in merged(sources, await self._judged(sources)))
        for note in self.notes:
            self.run.note(note)
        self.run.record_found(Found(claims=claims, notes=tuple(self.notes)), self.made_of)
        return claims

    # --- who claims what ------------------------------------------------------------------------------

    async def _listed(self) -> dict[str, Listed]:
        """The claims of each seat: as it lists them, else as they are split, else its sentences."""
        own = {position.seat: found for position in self.said if (found := listed(position.turn.words)) and found.claims}
        without = [position for position in self.said if position.seat not in own]
        asked = {position.seat: self._split(position) for position in without[: max(self.calls - 1, 0)]}
        self.calls -= len(asked)
        split = {position.seat: await _split_up(position, asked.get(position.seat)) for position in without}
        return {position.seat: (own | split)[position.seat] for position in self.said}

    def _split(self, position: PendingTurn) -> PendingTurn:
        """Have the claims of a reply listed, by the models in turn."""
        agent = self.run.outsider(self.step.splitter, self.said.index(position) + 1)
        split = self.run.say(
            agent,
            sees=[(position, "saw")],
            prompt=partial(_splitting, self.run, agent, position),
            form=reply_formats.items("the claims", none=True),
            detail=f"of-{position.seat}",
        )
        self.made_of.append(split.id)
        return split

    def _shared_out(self, claims: Mapping[str, Listed]) -> list[ClaimSource]:
        """The sources that are kept, of all seats; what is cut is noted."""
        turn_of = {position.seat: position.id for position in self.said}
        lists = {seat: [self._source(seat, turn_of[seat], text) for text in found.claims] for seat, found in claims.items()}
        sources, cut = shared_out(lists, MOST)
        for seat, found in claims.items():
            if found.cut:
                self.notes.append(f"{found.cut} claims of {seat} are left out: a seat brings at most {MOST_PER_SEAT}")
            if seat in cut:
                self.notes.append(f"{cut[seat]} claims of {seat} are left out: a panel has at most {MOST}")
            if not found.claims:
                self.notes.append(f"no claim can be read from the reply of {seat}")
        return sources

    def _source(self, seat: str, turn: str, text: str) -> ClaimSource:
        """A claim of a seat, with the passage of a document in which its words stand."""
        return ClaimSource(seat=seat, turn=turn, text=text, passage=passage_of(text, self.run.question.documents))

    # --- which are the same ---------------------------------------------------------------------------

    async def _judged(self, sources: Sequence[ClaimSource]) -> dict[Pair, bool]:
        """Whether pairs of claims were found to say the same, the likeliest first; a call that failed tells nothing."""
        pairs = worth_asking(sources)
        text_of = {words_of(source.text).form: source.text for source in sources}
        most = min(self.calls * PAIRS_A_CALL, len(pairs))
        asked = [pairs[start : min(start + PAIRS_A_CALL, most)] for start in range(0, most, PAIRS_A_CALL)]
        if len(pairs) > most:
            self.notes.append(
                f"{len(pairs) - most} pairs of claims that may say the same are not compared: no call is left for them"
            )
        turns = [self._match(number, batch, text_of, sources) for number, batch in enumerate(asked, 1)]
        judged: dict[Pair, bool] = {}
        for batch, turn in zip(asked, turns, strict=True):
            found = (await turn).found.same
            if found is not None and turn.turn.status == "said":
                judged |= dict(zip(batch, found, strict=True))
        return judged

    def _match(
        self, number: int, batch: Sequence[Pair], text_of: Mapping[str, str], sources: Sequence[ClaimSource]
    ) -> PendingTurn:
        agent = self.run.outsider(self.step.matcher, number)
        texts = [(text_of[one], text_of[other]) for one, other in batch]
        shown = {text for pair in texts for text in pair}
        seats = {source.seat for source in sources if source.text in shown}
        match = self.run.say(
            agent,
            sees=[(position, "saw") for position in self.said if position.seat in seats],
            prompt=partial(_matching, self.run, agent, texts, number),
            form=reply_formats.same_pairs(texts),
            detail=f"pairs-{number}",
        )
        self.made_of.append(match.id)
        return match


def _computed(claim: Claim) -> Claim:
    """`claim` with what came of computing it again, if that is clear."""
    check = computed(claim.text)
    return claim if check is None else claim.model_copy(update={"checks": (*claim.checks, check)})


async def _split_up(position: PendingTurn, split: PendingTurn | None) -> Listed:
    """The claims of a reply without a list: those that were listed for it and stand in it, else its sentences."""
    reply = position.turn.words
    items = (await split).found.items if split is not None else None
    said = words_of(reply[:_LOOKED_AT]).content
    grounded = [item for item in items or () if _GROUNDED * len(words_of(item).content & said) >= len(words_of(item).content)]
    found = kept(grounded)
    return found if found.claims else sentences(reply)


def _splitting(run: Run, agent: Agent, position: PendingTurn, told: str) -> tuple[Message, ...]:
    material = run.quote([Quote("Reply", position.turn.words)], position.id, rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)


def _matching(run: Run, agent: Agent, texts: Sequence[tuple[str, str]], batch: int, told: str) -> tuple[Message, ...]:
    shown = "\n".join(f"Pair {number}\nA: {one}\nB: {other}" for number, (one, other) in enumerate(texts, 1))
    material = run.quote([Quote("Pairs of claims", shown)], agent.seat, str(batch), rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)
