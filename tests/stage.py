"""A stage for strategies: agents that say what a test tells them, and what each of them was shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contemplate import Budget, Completion, Orchestrator, Outcome, Question, Request, ScriptedBackend, Strategy
from contemplate.catalogue import Catalogue
from contemplate.orchestration.options import RunOptions
from contemplate.types import Decision, EdgeKind, Turn
from contemplate.voting.witnesses import NOTHING, Knowledge

Line = str | Completion | Exception
Lines = Sequence[Line] | Callable[[Request], Line]


@dataclass
class Show:
    """A run on the stage.

    Attributes:
        outcome: what it came to.
        requests: the calls, in the order in which they were made.
        roles: the card of each call.
    """

    outcome: Outcome
    requests: list[Request]
    roles: list[str]

    @property
    def answer(self) -> str | None:
        """The final answer."""
        return self.outcome.answer

    @property
    def decision(self) -> Decision:
        """The last decision."""
        assert self.outcome.decision is not None
        return self.outcome.decision

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return len(self.requests)

    def turn(self, turn_id: str) -> Turn:
        """The turn of that id, which is over."""
        turn = self.outcome.trace.turn(turn_id)
        assert turn is not None
        return turn

    def ids(self, verb: str = "") -> list[str]:
        """The ids of the turns of a verb that said something, failed, or decided, in layout order."""
        return [turn.id for turn in self.outcome.trace.turns if turn.verb == (verb or turn.verb) and turn.status != "cancelled"]

    def saw(self, turn_id: str) -> list[tuple[str, EdgeKind]]:
        """The turns that a turn saw, and how."""
        return self.outcome.trace.saw(turn_id)

    def sources(self, turn_id: str) -> list[str]:
        """The ids of the turns that a turn saw."""
        return [other for other, _ in self.saw(turn_id)]

    def request(self, turn_id: str) -> Request:
        """The call of a turn."""
        key = self.turn(turn_id).key
        return next(request for request in self.requests if request.key == key)

    def shown(self, turn_id: str) -> str:
        """Everything that a turn's agent was shown, its own history included."""
        return "\n\n".join(message.content for message in self.request(turn_id).messages)


class Stage:
    """Runs a recipe (or a strategy) with scripted agents on an empty ledger; the fixture `stage` is one.

    `await stage("recipe", {"proposer": ["Answer: 1", "Answer: 2"], "critic": lambda request: "..."}, set={"rounds": 3})`.
    An agent's lines are taken by the number of its draw (for one card and model), from the start again when they run out. Two
    cards that begin alike are told apart by the longest instruction found.
    """

    def __init__(self, knowledge: Knowledge = NOTHING) -> None:
        self._knowledge = knowledge
        cards = map(Catalogue().card, Catalogue().names("agents"))
        said = [(card.name, words) for card in cards for words in (card.instruction, card.open) if words]
        self._cards = [(name, [part.strip() for part in re.split(r"\{[a-z_]+\}", words) if part.strip()]) for name, words in said]

    def knowing(self, knowledge: Knowledge) -> Stage:
        """A stage on which so much is known of witnesses, as if the ledger had taught it."""
        return Stage(knowledge)

    def role_of(self, request: Request) -> str:
        """The card whose instruction a request holds; "?" for none."""
        said = request.messages[-1].content
        if said.startswith(("What was asked for can't be read", "Your program gave no answer", "There is no program")):
            said = request.messages[-3].content
        found = [(sum(map(len, parts)), name) for name, parts in self._cards if parts and all(part in said for part in parts)]
        return max(found, default=(0, "?"))[1]

    async def __call__(
        self,
        strategy: str | Strategy,
        lines: Mapping[str, Lines],
        *,
        question: Question | None = None,
        models: Sequence[str] = ("m",),
        set: Mapping[str, object] | None = None,  # noqa: A002 - as on the command line
        seed: int = 0,
        budget: Budget | None = None,
        replayed: bool = True,
    ) -> Show:
        """One run, which is replayed too: the replay makes no call and differs in nothing."""
        requests: list[Request] = []
        roles: list[str] = []

        def answer(request: Request) -> Line:
            role = self.role_of(request)
            requests.append(request)
            roles.append(role)
            said = lines[role]
            return said(request) if callable(said) else said[request.draw % len(said)]

        question = question or Question(text="What is 6 * 7?", kind="number")
        async with Orchestrator(models, backend=ScriptedBackend(answer), ledger=":memory:") as orchestrator:
            options = RunOptions(parameters=set or {}, seed=seed, budget=budget)
            spec = orchestrator.specify(question, strategy, options).model_copy(update={"knowledge": self._knowledge})
            outcome = await orchestrator.runner.execute(spec)
            made = len(requests)
            if replayed:
                replay = await orchestrator.replay(outcome.run)
                difference = replay.difference
                assert difference is None
                assert len(requests) == made
        return Show(outcome, requests, roles)
