"""The state of a run: what was given to it, what changes while it goes, and what a replay goes by."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from anyio.abc import TaskGroup

from contemplate.agents.agent import Agent
from contemplate.agents.attached import variants, views_of
from contemplate.agents.card import Card
from contemplate.agents.quoting import Quoting
from contemplate.answers import Verifier
from contemplate.models.budget import Account
from contemplate.models.path import Calls, Reply
from contemplate.policy.guard import Guard
from contemplate.run.focus import Dealt
from contemplate.run.pending import PendingTurn, Prompt
from contemplate.run.replaying import RecordedRun
from contemplate.run.reviewing import Review
from contemplate.run.tooling import Tooling
from contemplate.run.what_if import NO_CHANGES, Changes, Origin
from contemplate.tools import Sandbox
from contemplate.trace.course import Course
from contemplate.trace.events import Telling
from contemplate.types import NO_TOOLS, Message, Question, Refinement, Sampling, StopReason, ToolPlan, Turn, Usage
from contemplate.voting.witnesses import NOTHING, Knowledge


@dataclass(frozen=True)
class RunConfig:
    """The configuration of a run, which stays as it is.

    Attributes:
        id: of the run, in the ledger.
        question: the problem.
        seed: everything random comes from it.
        quorum: how many seats must give a readable answer.
        cards: the roles, by name.
        models: the seats take them in turn.
        fallbacks: the models that are asked when one fails.
        sampling: how replies of a model in a role are drawn.
        draws_apart: the models that say themselves how their replies are drawn.
        reliability: the weight of each model's vote, as far as it was learned.
        consistency: the weight of each model as a judge, as far as that was.
        knowledge: what is known of members and critics.
        allowance: how many turns the recipe allows for; None: as many as its steps lay out.
        changes: what is different in it from the run that it is forked from.
        secret: what the tags of its quotations hang on; None in runs from before there were secrets.
        tools: which tools its agents may call.
    """

    id: str
    question: Question
    seed: int
    quorum: int
    cards: Mapping[str, Card]
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    sampling: Callable[[str, Card], Sampling]
    reliability: Mapping[str, float] = field(default_factory=dict)
    consistency: Mapping[str, float] = field(default_factory=dict)
    knowledge: Knowledge = NOTHING
    allowance: int | None = None
    changes: Changes = NO_CHANGES
    draws_apart: frozenset[str] = frozenset()
    secret: str | None = field(default=None, repr=False)
    tools: ToolPlan = NO_TOOLS

    @property
    def quoting(self) -> Quoting:
        """The way in which others' words and documents are quoted."""
        return Quoting(self.seed, self.secret)

    def model_of(self, seat: int) -> str:
        """The model of a seat of the panel, by its number from 1."""
        return self.changes.models.get(seat) or self.models[(seat - 1) % len(self.models)]


@dataclass(frozen=True)
class Services:
    """The services that a run uses and does not own.

    Attributes:
        calls: the path of every model call.
        account: what the run may spend, and has spent.
        verifier: gives a second opinion on whether two mathematical answers are equal.
        emit: is told each event as it happens.
        sandbox: runs the programs that agents write.
        tooling: the tools that agents may call, at work.
        guard: looks at what is asked, said and answered by the policy in force; None where there is none.
        review: is asked whether a question was put more tightly as it should be; None where nobody is there.
    """

    calls: Calls
    account: Account
    verifier: Verifier
    emit: Telling
    sandbox: Sandbox
    tooling: Tooling = field(default_factory=Tooling)
    guard: Guard | None = None
    review: Review | None = None


@dataclass
class RunState:
    """A run while it goes: all its steps share one.

    Attributes:
        config: what was given.
        services: what it uses.
        replay: what is on record, if it is done again from there; None if it is done for the first time.
        origin: the run that it is forked from; None if it is no fork.
        tasks: where its turns run.
        trace: what was said so far.
        began: seconds on the clock of `time.monotonic`.
        draws: how many samples each card drew from each model.
        replies: what came back, by the key of the request.
        edited: the edited turns, by id: what their agents would have been asked, and what they say.
        cached_calls: how many calls the ledger answered.
        repairs: how many replies were asked for once more in the right form.
        compared: pairs of answers, by canonical value, of which it was asked whether they mean the same.
        equal: those that do.
        spares: turns that are over, and were not known to be needed then.
        exhausted: why no further call can be made, once that is so.
        agents: who has spoken, by card, seat and model.
        samplings: how replies are drawn, by card and model.
        looks: how often a step looked whether that is so.
        exhausted_at: which look was the first to find it so.
        earlier: the turns of the sitting that this one goes on from, by id.
        refinement: the question, put more tightly, once that was done.
        dealt: what each agent is shown of the documents, where not all are shown all of them.
    """

    config: RunConfig
    services: Services
    replay: RecordedRun | None = None
    origin: Origin | None = None
    tasks: TaskGroup = field(init=False)
    trace: Course = field(default_factory=Course)
    began: float = field(default_factory=time.monotonic)
    draws: Counter[tuple[str, str]] = field(default_factory=Counter)
    replies: dict[str, Reply] = field(default_factory=dict)
    edited: dict[str, Reply] = field(default_factory=dict)
    cached_calls: int = 0
    repairs: int = 0
    compared: set[frozenset[str]] = field(default_factory=set)
    equal: set[frozenset[str]] = field(default_factory=set)
    spares: list[PendingTurn] = field(default_factory=list)
    exhausted: StopReason | None = None
    agents: dict[tuple[str, str, str], Agent] = field(default_factory=dict)
    samplings: dict[tuple[str, str], Sampling] = field(default_factory=dict)
    looks: int = 0
    exhausted_at: int | None = None
    earlier: Mapping[str, Turn] = field(default_factory=dict)
    refinement: Refinement | None = None
    dealt: Dealt | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def usage(self) -> Usage:
        """The usage of the run so far."""
        usage = self.services.account.usage
        tools = self.services.tooling.spent
        return usage.altered(
            cached_calls=self.cached_calls,
            seconds=round(self.elapsed, 3),
            tool_calls=tools.calls,
            tool_seconds=round(tools.seconds, 3),
        )

    def on_record(self, turn_id: str) -> Turn | None:
        """The turn of that id in the run that this one replays, goes on from, or is forked from; None where there is none."""
        if self.replay is not None:
            return self.replay.turns.get(turn_id)
        if self.origin is not None and turn_id in self.origin.stored:
            return self.origin.stored[turn_id][0]
        return self.earlier.get(turn_id)

    def agent(self, name: str, seat: str, model: str) -> Agent:
        """Who plays a card on a seat, made once."""
        known = self.agents.get((name, seat, model))
        if known is None:
            card = self.config.cards[name]
            wanted = card.models or (model, *(other for other in self.config.fallbacks if other != model))
            apart = wanted[1:] if self.config.draws_apart.intersection(wanted) else ()
            own = {other: self.sampling_of(card, other) for other in apart}
            known = Agent(seat=seat, card=card, models=wanted, sampling=self.sampling_of(card, wanted[0]), own=own)
            self.agents[name, seat, model] = known
        return known

    def sampling_of(self, card: Card, model: str) -> Sampling:
        """The sampling of a model in a role, worked out once."""
        known = self.samplings.get((card.name, model))
        if known is None:
            known = self.samplings[card.name, model] = self.config.sampling(model, card)
        return known

    def asked(self, turn: Turn) -> tuple[Message, ...]:
        """The messages that a turn's agent was asked with first; none where nothing was asked."""
        reply = self.replies.get(turn.calls[0].key) if turn.calls else self.edited.get(turn.id)
        return () if reply is None else reply.request.messages

    def variants(self, messages: tuple[Message, ...]) -> list[tuple[Message, ...]]:
        """The forms in which a prompt can be sent, best first: with the attachments, then with readings of them."""
        return variants(messages, self.config.question.attachments, self.config.quoting)

    def shown(self, seat: str, prompt: Prompt) -> Prompt:
        """A prompt with what a seat is shown of the documents, where that is not all."""
        return prompt if self.dealt is None else self.dealt.shown(seat, prompt)

    def grounded(self, turn: Turn) -> Turn:
        """A turn with the passages on which its answer rests, where not all agents are shown all of the documents."""
        return turn if self.dealt is None else self.dealt.grounded(turn, self.config.question.documents)

    def viewed(self, outline: Turn, reply: Reply) -> Turn:
        """The outline of a turn that says how its agent was shown the attachments of the question."""
        if not (attachments := self.config.question.attachments):
            return outline
        return outline.model_copy(update={"views": views_of(reply.request.messages, attachments, self.config.quoting)})

    def numbered(self, outline: Turn) -> Turn:
        """The outline of a turn with the number of its draw."""
        number = self.draws[outline.card, outline.model]
        self.draws[outline.card, outline.model] += 1
        return outline.altered(draw=number if self.origin is None else self.origin.draw(outline))

    @property
    def shares_requests(self) -> bool:
        """Whether turns that ask the same may share requests: not those of which the ledger may have some."""
        return self.replay is None and self.origin is None

    def spent(self) -> bool:
        """Whether no further call can be made, as a step asks that is about to lay out more; in a replay, what it was told then.

        When a call finds the budget spent, and which turns were laid out by then, is a matter of time.
        """
        self.looks += 1
        if self.replay is not None and self.replay.exhausted_at is not None:
            return self.looks >= self.replay.exhausted_at
        if self.exhausted is not None and self.exhausted_at is None:
            self.exhausted_at = self.looks
        return self.exhausted is not None
