"""`revise`: seats answer again, having read others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.run import PendingTurn, Run
from contemplate.steps import topology
from contemplate.steps.base import Cards, Panel, Product, Step, names_of
from contemplate.types import EdgeKind, Message, seat_number

Material = Literal["peers", "critiques"]

_ENDING = 400
"""How much of a reply's end stands for it where nobody wrote a digest, in characters."""


class Revise(Step):
    """Each seat answers again. It sees its own last reply, and what `sees` says.

    Attributes:
        agent: the revisers' card.
        sees: "peers" (the others' last replies), "critiques" (of its own answer, and of those it is shown), or both.
        topology: who reads whom: complete, ring, star, tree, bus, layers(k), random(k), groups(k), none, memory, report,
            relay, debate, or a list of [source, reader] seat numbers.
        sample: of these, each reads so many only, drawn by the seed.
        peers: show "each" peer's reply, one for each "distinct" answer, a short "digest" of each other answer, or all of them
            "grouped" by answer, with how many hold each (arXiv:2309.13007).
        confidence: "stated": ask for it, and show with each reply what its author stated. "consistency": from the second
            round on, show the share of its author's answers so far that its commonest one has (arXiv:2312.01823).
        own: its own last reply stands "apart", as its own; "among" those of the others, unmarked, where one may draw it
            too; or it is not shown ("none").
        history: keep the seat's "full" conversation, or only its "last" reply.
        who: "all" seats; those whose answer a critic "faulted", or who have none; or "none" (the step is left out).
            Without critiques, "faulted" is all.
        order: all seats at once ("together"), or "in-turn": each reads what was already said in this round.
        words: how many words a reply may have, which its author is told; 0 sets no length.
    """

    moves: ClassVar[bool] = True

    do: Literal["revise"] = "revise"
    agent: Cards = "reviser"
    sees: Material | tuple[Material, ...] = "peers"
    topology: str | tuple[tuple[int, int], ...] = "complete"
    sample: Annotated[int, Field(ge=1, le=1000)] | None = None
    peers: Literal["each", "distinct", "digest", "grouped"] = "each"
    confidence: Literal["none", "stated", "consistency"] = "none"
    own: Literal["apart", "among", "none"] = "apart"
    history: Literal["full", "last"] = "full"
    who: Literal["all", "faulted", "none"] = "all"
    order: Literal["together", "in-turn"] = "together"
    words: Annotated[int, Field(ge=0, le=100_000)] = 0

    @field_validator("topology")
    @classmethod
    def _known(cls, spec: str | tuple[tuple[int, int], ...]) -> str | tuple[tuple[int, int], ...]:
        try:
            if isinstance(spec, str):
                topology.parse(spec)
            elif not spec:
                raise InputError("an empty list of edges: write 'none' if nobody is to read anybody")  # noqa: TRY301
        except InputError as error:
            raise ValueError(str(error)) from None
        return spec

    @property
    def cards(self) -> tuple[str, ...]:
        """The revisers' cards."""
        return names_of(self.agent)

    @property
    def needs(self) -> Mapping[str, Product]:
        """Critiques, to show them."""
        return {"sees": "critiques"} if "critiques" in names_of(self.sees) else {}

    @property
    def products(self) -> frozenset[Product]:
        """Stated confidence, where it is asked for."""
        return frozenset({"confidence"}) if self.confidence == "stated" else frozenset()

    def problem_with(self, seats: int) -> tuple[str, str] | None:
        """A topology that needs more seats, or names some that are not there."""
        try:
            topology.sources(self.topology, seats)
        except InputError as error:
            return "topology", str(error)
        return None

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out one revision for each seat that revises; each starts when what it reads is there."""
        revising = await self._revising(panel)
        if not revising:
            return panel
        if self.peers != "each":
            await run.answered(panel.positions)
        reads = topology.sources(self.topology, max(panel.cap, len(panel.positions)), run.seed)
        answer = reply_formats.confident_answer if self.confidence == "stated" else reply_formats.answer
        form = reply_formats.brief(answer(run.question), self.words)
        names, now = names_of(self.agent), list(panel.positions)
        for index, own in enumerate(panel.positions):
            if own.seat not in revising:
                continue
            known = now if self.order == "in-turn" else panel.positions
            sources = [known[number - 1] for number in reads[index + 1] if number <= len(known)]
            agent = run.seat(names[index % len(names)], seat_number(own.seat))
            view = await self._view(run, panel, own, sources)
            prompt = partial(self._prompt, run, agent, _persona(panel, agent), view)
            now[index] = run.say(agent, sees=view.sees, prompt=prompt, form=form)
        return panel.with_positions(now)

    async def _revising(self, panel: Panel) -> set[str]:
        """The seats that answer again."""
        seats = {position.seat for position in panel.positions} - panel.out
        if self.who == "none" or not seats:
            return set()
        if self.who == "all" or not panel.critiques:
            return seats
        faulted = set()
        for position in panel.positions:
            critiques = panel.critiques.get(position.id, ())
            verdicts = [(await critique).verdict for critique in critiques]
            rejected = bool(critiques) and panel.streaks.get(position.seat, (True,))[-1:] == (False,)
            if (await position).answer is None or "flawed" in verdicts or rejected:
                faulted.add(position.seat)
        return faulted & seats

    async def _view(self, run: Run, panel: Panel, own: PendingTurn, sources: Sequence[PendingTurn]) -> _View:
        """The view that one seat has of the panel."""
        critiques = panel.critiques if "critiques" in self.sees else {}
        sources = sources if "peers" in self.sees else ()
        if self.own == "among":
            sources = sorted([own, *sources], key=lambda position: seat_number(position.seat))
        if self.sample is not None and self.sample < len(sources):
            sources = run.rng(own.seat, "sample").sample(sources, self.sample)
        if self.peers == "each":
            others = [[source] for source in sources]
        elif self.peers == "grouped":
            others = await run.groups(sources)
        else:
            others = [group for group in await run.groups([own, *sources]) if own not in group]
        digests = {group[0].id: panel.critiques.get(group[0].id, ()) for group in others} if self.peers == "digest" else {}
        consistent = await self._consistency(run, panel, sources)
        shown = [
            _Shown(
                group[0],
                critiques.get(group[0].id, ()),
                digests.get(group[0].id),
                tuple(group) if self.peers == "grouped" else (),
                consistent,
                stated=self.confidence == "stated",
                unmarked=self.own == "among",
            )
            for group in others
        ]
        mine = _Shown(own, critiques.get(own.id, ())) if self.own == "apart" else None
        return _View(own=mine, others=tuple(shown))

    async def _consistency(self, run: Run, panel: Panel, sources: Sequence[PendingTurn]) -> dict[str, float]:
        """For each of `sources`: how large a part of its author's answers so far is its commonest one; nothing in round 1."""
        if self.confidence != "consistency" or not panel.earlier:
            return {}
        found = {}
        for source in sources:
            before = [p for positions in panel.earlier for p in positions if p.seat == source.seat]
            turns = [await position for position in dict.fromkeys((*before, source))]
            said = [turn.answer for turn in turns if turn.answer is not None]
            indices, _ = classes(said, await run.equal(said))
            if indices:
                found[source.id] = max(Counter(indices).values()) / len(indices)
        return found

    def _prompt(self, run: Run, agent: Agent, persona: str | None, view: _View, told: str) -> tuple[Message, ...]:
        mine = view.own.position.turn if view.own else None
        own = view.own if mine is not None and mine.answer is not None and mine.text is not None else None
        quotes = [Quote("Critique of your reply", text) for text in _texts(view.own.critiques)] if view.own else []
        others = [other for other in view.others if other.position.turn.answer is not None]
        if self.own != "among":  # where it is, replies stand in the order of the seats, or as they were drawn
            run.rng(agent.seat, "order").shuffle(others)
        for number, other in enumerate(others, 1):
            quotes += other.quotes(number)
        if own and self.history == "last":
            quotes.insert(0, Quote("Your reply", own.position.turn.text or ""))
        material = run.quote(quotes, agent.seat)
        if own is None or self.history == "last":
            return prompts.ask(agent.card, run.posed, told, material, persona)
        return prompts.follow_up(run.asked(own.position.turn), own.position.turn.text or "", agent.card, told, material)


@dataclass(frozen=True)
class _Shown:
    """A position, and what is shown with it.

    Attributes:
        critiques: of its answer.
        digests: if a digest is to stand for it, the critiques that may hold one.
        group: if the replies are grouped, all that gave its answer.
        consistent: how consistently the authors of replies answered so far, by the ids of these.
        stated: whether to show the confidence that they stated.
        unmarked: whether the reader's own reply may be among those shown.
    """

    position: PendingTurn
    critiques: tuple[PendingTurn, ...]
    digests: tuple[PendingTurn, ...] | None = None
    group: tuple[PendingTurn, ...] = ()
    consistent: Mapping[str, float] = field(default_factory=dict)
    stated: bool = False
    unmarked: bool = False

    def quotes(self, number: int) -> list[Quote]:
        """The quotes that show it as the reply of somebody else."""
        if self.group:
            held = f"Answer {number}, given by {len(self.group)} agent{'s' * (len(self.group) > 1)}"
            said = [
                Quote(f"{held}, reply {index}{self._sure(position)}", position.turn.words)
                for index, position in enumerate(self.group, 1)
            ]
        elif self.digests is None:
            title = f"Reply {number}" if self.unmarked else f"Another reply ({number})"
            said = [Quote(f"{title}{self._sure(self.position)}", text) for text in _texts([self.position])]
        else:
            said = [Quote(f"Another answer ({number})", self._digest())]
        return [*said, *(Quote(f"Critique of reply {number}", text) for text in _texts(self.critiques))]

    def _sure(self, position: PendingTurn) -> str:
        """The words for how sure its author is, for a title."""
        sure = position.turn.confidence if self.stated else self.consistent.get(position.id)
        return "" if sure is None else f", confidence {sure:.2f}"

    def _digest(self) -> str:
        turn = self.position.turn
        written = [critique.turn.found.digest for critique in self.digests or ()]
        short = next((digest for digest in written if digest is not None), None) or f"... {(turn.text or '')[-_ENDING:]}"
        return f"{short}\nAnswer: {turn.answer.text if turn.answer else ''}"


@dataclass(frozen=True)
class _View:
    """The view of one seat: its own last reply, and others."""

    own: _Shown | None
    others: tuple[_Shown, ...]

    @property
    def sees(self) -> list[tuple[PendingTurn, EdgeKind]]:
        shown = (*((self.own,) if self.own else ()), *self.others)
        read = [position for other in self.others for position in (other.group or (other.position,))]
        read += [critique for each in shown for critique in (*each.critiques, *(each.digests or ()))]
        mine: list[tuple[PendingTurn, EdgeKind]] = [(self.own.position, "revised")] if self.own else []
        return [*mine, *((turn, "saw") for turn in dict.fromkeys(read))]


def _texts(turns: Sequence[PendingTurn]) -> list[str]:
    """The words of the turns that said something."""
    return [turn.turn.words for turn in turns if turn.turn.status == "said" and turn.turn.text is not None]


def _persona(panel: Panel, agent: Agent) -> str | None:
    """The system message of the card with which a seat began, which it keeps where its card has none now."""
    spoke = [
        position.agent for positions in (*panel.earlier, panel.positions) for position in positions if position.seat == agent.seat
    ]
    return next((before.card.system for before in spoke if before is not None and before.card.system), None)
