"""`revise`: seats answer again, having read others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from pydantic import field_validator

from contemplate import prompts, topology
from contemplate.agent import Agent
from contemplate.errors import InputError
from contemplate.prompts import Quote
from contemplate.run import Pending, Run
from contemplate.steps.base import Cards, Panel, Step, distinct, names_of, reader
from contemplate.types import EdgeKind, Message

Sight = Literal["peers", "critiques"]


class Revise(Step):
    """Each seat answers again. It sees its own last reply, and what `sees` says.

    Attributes:
        agent: the revisers' card.
        sees: "peers" (the others' last replies), "critiques", or both.
        topology: who reads whom: complete, ring, star, tree, bus, layers(k), random(k), groups(k), none,
            or a list of [reader's source, reader] seat numbers.
        peers: show "each" peer's reply, or one for each "distinct" answer.
        history: keep the seat's "full" conversation, or only its "last" reply.
    """

    do: Literal["revise"] = "revise"
    agent: Cards = "reviser"
    sees: Sight | tuple[Sight, ...] = "peers"
    topology: str | tuple[tuple[int, int], ...] = "complete"
    peers: Literal["each", "distinct"] = "each"
    history: Literal["full", "last"] = "full"

    @field_validator("topology")
    @classmethod
    def _known(cls, spec: str | tuple[tuple[int, int], ...]) -> str | tuple[tuple[int, int], ...]:
        try:
            if isinstance(spec, str):
                topology.parse(spec)
        except InputError as error:
            raise ValueError(str(error)) from None
        return spec

    @property
    def cards(self) -> tuple[str, ...]:
        """The revisers' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out one revision a seat; each starts when what it reads is there."""
        if self.peers == "distinct":
            await run.live(panel.positions)
        graph = topology.build(self.topology, len(panel.positions), run.work.seed)
        read_answer = reader(run.question)
        revisions = []
        for agent, own in zip(run.seats(self.agent, len(panel.positions)), panel.positions, strict=True):
            sources = [panel.positions[number - 1] for number in sorted(graph.predecessors(agent.number))]
            view = self._view(panel, own, sources)
            prompt = partial(self._prompt, run, agent, view)
            revisions.append(run.say(agent, sees=view.sees, prompt=prompt, read=read_answer))
        return panel.moved(revisions)

    def _view(self, panel: Panel, own: Pending, sources: Sequence[Pending]) -> _View:
        """What one seat is shown of the panel."""
        critiques = panel.critiques if "critiques" in self.sees else {}
        if self.peers == "each":
            camps = [[own], *([source] for source in sources)]
        else:
            camps = distinct([own, *sources])
            if not camps or own not in camps[0]:
                camps.insert(0, [own])
        shown = [_Shown(camp[0], critiques.get(camp[0].id, ())) for camp in camps]
        return _View(own=shown[0], others=tuple(shown[1:]) if "peers" in self.sees else ())

    def _prompt(self, run: Run, agent: Agent, view: _View) -> tuple[Message, ...]:
        said = view.own.position.turn
        quotes = [Quote("Critique of your reply", text) for text in _texts(view.own.critiques)]
        others = [other for other in view.others if other.position.turn.answer is not None]
        run.rng(agent.seat, "order").shuffle(others)
        for number, other in enumerate(others, 1):
            quotes += [Quote(f"Another reply ({number})", text) for text in _texts([other.position])]
            quotes += [Quote(f"Critique of reply {number}", text) for text in _texts(other.critiques)]
        fresh = said.answer is None or said.text is None
        if self.history == "last" and said.text is not None and not fresh:
            quotes.insert(0, Quote("Your reply", said.text))
        material = prompts.quoted(quotes, run.work.seed, run.step, *map(str, run.rounds), agent.seat)
        if self.history == "last" or fresh or said.text is None:
            return prompts.ask(agent.card, run.question, run.answer_form, material)
        return prompts.follow_up(view.own.position.messages, said.text, agent.card, run.answer_form, material)


@dataclass(frozen=True)
class _Shown:
    """A position, and the critiques of its answer."""

    position: Pending
    critiques: tuple[Pending, ...]


@dataclass(frozen=True)
class _View:
    """What one seat is shown: its own last reply, and others."""

    own: _Shown
    others: tuple[_Shown, ...]

    @property
    def sees(self) -> list[tuple[Pending, EdgeKind]]:
        critiques = [critique for shown in (self.own, *self.others) for critique in shown.critiques]
        read = [*(other.position for other in self.others), *critiques]
        return [(self.own.position, "revised"), *((turn, "saw") for turn in read)]


def _texts(turns: Sequence[Pending]) -> list[str]:
    """The words of the turns that said something."""
    return [turn.turn.text for turn in turns if turn.turn.status == "said" and turn.turn.text is not None]
