"""A conversation with a panel: each turn is a run, with the questions and final answers before it as its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Literal, Self, TypedDict, Unpack

import anyio

from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger import Ledger
from contemplate.ledger.base import RunRecord
from contemplate.models.budget import Budget
from contemplate.models.names import local_max_tokens
from contemplate.orchestration.arguments import spelled
from contemplate.orchestration.options import Given, GivenAttachment, RunOptions, observers_of
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Orchestrator
from contemplate.orchestration.policies import GivenPolicy
from contemplate.orchestration.run_spec import ConversationTurn, RunSpec, new_run, was_asked
from contemplate.orchestration.tool_table import GivenTool
from contemplate.trace.events import Observer
from contemplate.trace.outcome import Outcome
from contemplate.types import AnswerKind, Message, Privacy, Sampling, Stakes, strictest

LAST = "last"
"""What stands for the conversation whose last turn is the newest."""


class ConversationOptions(TypedDict, total=False):
    """What may be different from some turn of a conversation on; see `Conversation`."""

    answer: AnswerKind | None
    parameters: Mapping[str, object]
    seed: int
    budget: Budget | None
    sampling: Sampling | None
    documents: Sequence[Given]
    history: Sequence[Message]
    system: str | None
    privacy: Privacy
    attachments: Sequence[GivenAttachment]
    tools: Sequence[GivenTool]
    policy: GivenPolicy | None
    profile: str | None
    stakes: Stakes | Literal["high"] | None


class Conversation:
    """A conversation: one question after the other, each answered by the panel with what was said before.

    What was said before is each earlier question, and the final answer to it, as real messages. A turn that ended without
    an answer is left out. Every turn is a run of its own in the ledger, with the conversation's id and its number there, so that
    the conversation can be taken up again.

    Attributes:
        id: of the conversation.
        turns: the number of the last turn, from 1; 0 before the first.
        history: what was said so far.
        run: the id of the last finished run; None before the first.

    Example:
        >>> async with Orchestrator(["openai/gpt-5-mini"]) as orchestrator:
        ...     conversation = Conversation(orchestrator)
        ...     first = await conversation.ask("Should a small startup use PostgreSQL or MongoDB?")
        ...     second = await conversation.ask("And if it has no relational data?")
    """

    @spelled
    def __init__(  # noqa: PLR0913 - all but two are named, and have defaults
        self,
        orchestrator: Orchestrator,
        strategy: Strategy | str = DEFAULT_STRATEGY,
        *,
        answer: AnswerKind | None = None,
        parameters: Mapping[str, object] | None = None,
        seed: int = 0,
        budget: Budget | None = None,
        sampling: Sampling | None = None,
        documents: Sequence[Given] = (),
        history: Sequence[Message] = (),
        system: str | None = None,
        privacy: Privacy = "any",
        attachments: Sequence[GivenAttachment] = (),
        tools: Sequence[GivenTool] = (),
        policy: GivenPolicy | None = None,
        profile: str | None = None,
        stakes: Stakes | Literal["high"] | None = None,
    ) -> None:
        """Begin a conversation; nothing is read or called yet.

        Args:
            orchestrator: open, or to be opened before the first question.
            strategy: a recipe's name, a path to one, or a strategy built in Python.
            answer: the kind of all answers; None: as each question's words ask for.
            parameters: values for the recipe's parameters.
            seed: everything random comes from it, in [0, 2**63).
            budget: caps on each turn.
            sampling: how all replies are drawn, whatever cards and models say; only what is set in it counts.
            documents: what all questions come with: documents, or paths of text, Markdown or PDF files.
            history: what was said before the first question, by a user and an assistant in turn.
            system: what every agent is told first, in its system message.
            privacy: how far what is said may go. What follows a turn with a stricter label, as of a document, has that one.
            attachments: what else all questions come with: paths of pictures, PDF files, sound or films, bytes, `data:` URLs.
            tools: that all who answer may call.
            policy, profile: that each turn is under; as for `Orchestrator.solve`.
            stakes: "high", or what is asked for before an answer is given.

        Raises:
            InputError: one of them is not what it may be.
        """
        self.id = f"chat-{new_run()}"
        self.turns = 0
        self.run: str | None = None
        self._orchestrator, self._strategy = orchestrator, strategy
        self._options = RunOptions(
            answer=answer,
            parameters=parameters or {},
            seed=seed,
            budget=budget,
            sampling=sampling,
            documents=documents,
            history=history,
            system=system,
            privacy=privacy,
            attachments=attachments,
            tools=tools,
            policy=policy,
            profile=profile,
            stakes=stakes,
        )
        self.history: tuple[Message, ...] = tuple(history)
        self._held_with: RunSpec | None = None
        self._one_at_a_time = anyio.Lock()

    @property
    def grants_tools(self) -> bool:
        """Whether who answers may call tools, besides those of cards and recipes."""
        return bool(self._options.tools)

    @classmethod
    async def resume(
        cls,
        orchestrator: Orchestrator,
        conversation: str = LAST,
        strategy: Strategy | str | None = None,
        *,
        same_models: bool = True,
        **changes: Unpack[ConversationOptions],
    ) -> Self:
        """Take up a conversation that is in the ledger, after its last finished turn.

        Args:
            orchestrator: open.
            conversation: its id or the beginning of that; "last" for the one that was held last.
            strategy: another one from now on; None for the same.
            same_models: whether the models are those that it was held with, and not the orchestrator's.
            changes: what is different from now on; documents and attachments come on top of those that there are.

        Raises:
            UnknownNameError: there is no such conversation.
            InputError: several begin so.
        """
        held = await _held(orchestrator.ledger, conversation)
        spec, turn = held.spec, held.turn
        if strategy is None:
            strategy = spec.strategy if turn.strategy is None else turn.strategy
        question = spec.question
        options: ConversationOptions = {
            "answer": turn.answer,
            "parameters": turn.parameters,
            "seed": spec.seed,
            "budget": spec.budget,
            "sampling": spec.sampling,
            "history": question.history,
            "system": question.system,
            "tools": turn.tools,
            "policy": turn.policy,
            "profile": turn.profile,
            "stakes": spec.stakes,
            **changes,
            "privacy": strictest(spec.privacy, changes.get("privacy", "any")),
            "documents": (*question.documents, *changes.get("documents", ())),
            "attachments": (*question.attachments, *changes.get("attachments", ())),
        }
        taken_up = cls(orchestrator, strategy, **options)
        taken_up.id, taken_up.turns, taken_up.run = turn.id, held.last, held.run
        taken_up._remember(question.text, held.answer)
        taken_up._held_with = spec if same_models else None
        return taken_up

    async def ask(
        self, text: str, *, on_event: Observer | Sequence[Observer] | None = None, deltas: bool = False
    ) -> Outcome[Any]:
        """Ask the next question, and wait for the answer of the panel. A second one waits until the first is answered.

        Args:
            text: the question.
            on_event: an observer, or several: each is told every event as it happens.
            deltas: tell the pieces of replies too, as they are written, where the model's server gives these.

        Raises:
            InputError: something in what was given is wrong, or what was said so far is longer than a model reads; nothing was
                called.
            ProgramError: a step of your own raised an exception; the run can be resumed.
            StorageError: the ledger can't be written any more.
        """
        observers = observers_of(on_event, deltas=deltas)
        async with self._one_at_a_time:
            self._options = await self._options.read_apart()
            if self._held_with is None:
                await self._orchestrator.find_model()
            spec = self._specify(text)
            await self._orchestrator.runner.prepare(spec)
            self.turns += 1  # a turn that is cut short has its number for good
            self._options = replace(self._options, privacy=strictest(self._options.privacy, spec.privacy))
            outcome = await self._orchestrator.runner.execute(spec, observers)
            self.run = outcome.run
            self._options = replace(self._options, attachments=outcome.question.attachments)  # opened, and perhaps read
            self._remember(text, outcome.answer)
            return outcome

    def _specify(self, text: str) -> RunSpec:
        """The spec of the next turn."""
        options = replace(self._options, history=self.history)
        spec = self._orchestrator.specify(text, self._strategy, options)
        if self._held_with is not None:
            spec = _on_the_models_of(self._held_with, spec)
        turn = ConversationTurn(
            id=self.id,
            number=self.turns + 1,
            strategy=self._strategy if isinstance(self._strategy, str) else None,
            parameters=dict(options.parameters),
            answer=options.answer if isinstance(options.answer, str) else None,
            tools=self._orchestrator.tools.names(options.tools),
            policy=str(policy) if isinstance(policy := options.policy, PathLike) else policy,
            profile=options.profile,
        )
        return spec.model_copy(update={"conversation": turn})

    def _remember(self, asked: str, answer: str | None) -> None:
        if answer is not None and answer.strip():
            said = (Message(role="user", content=asked), Message(role="assistant", content=answer))
            self.history = (*self.history, *said)


@dataclass(frozen=True)
class _Held:
    """A conversation in the ledger.

    Attributes:
        spec: of its last finished turn, whose run is `run`, whose place is `turn`, and whose answer is `answer`.
        last: the number of its last turn, finished or not.
    """

    run: str
    spec: RunSpec
    turn: ConversationTurn
    answer: str | None
    last: int


async def _held(ledger: Ledger, wanted: str) -> _Held:
    """The conversation of that id, of the only id that begins so, or the last one.

    Raises:
        UnknownNameError: there is none.
        InputError: several begin so.
        UnfinishedRunError: none of its turns is finished.
    """
    found: dict[str, list[RunRecord]] = {}
    for run in reversed(await ledger.run_ids()):
        record = await ledger.run(run) if was_asked(run) else None
        if record is None or (name := _conversation(record)) is None:
            continue
        found.setdefault(name, []).append(record)
        begun = record.spec["conversation"]["number"] == 1
        if begun and (wanted == name or (wanted == LAST and name == next(iter(found)))):
            break
    names = list(found)[:1] if wanted == LAST else [wanted] if wanted in found else [n for n in found if n.startswith(wanted)]
    if not names or not wanted:
        raise UnknownNameError("conversation", wanted, list(found), "(contemplate chat begins one)")
    if len(names) > 1:
        raise InputError(f"several conversations begin with {wanted!r}: {', '.join(sorted(names)[:5])}; give more of the id")
    records = found[names[0]]
    finished = [record for record in records if record.state == "finished" and record.outcome is not None]
    newest = max(finished or records, key=lambda record: (record.spec["conversation"]["number"], record.created))
    spec = RunSpec.stored(newest.run, newest.spec)
    assert spec.conversation is not None  # noqa: S101 - it was found by that
    last = max(record.spec["conversation"]["number"] for record in records)
    return _Held(newest.run, spec, spec.conversation, newest.check_finished()["answer"], last)


def _conversation(record: RunRecord) -> str | None:
    """The id of the conversation that a run is a turn of; None where it is none of any."""
    turn = record.spec.get("conversation")
    return str(turn["id"]) if isinstance(turn, dict) else None


def _on_the_models_of(held: RunSpec, spec: RunSpec) -> RunSpec:
    """`spec` on the models that `held` ran on, where these are found again."""
    own_names = [held.routes[name].name if name in held.routes else name for name in held.names]
    usual = local_max_tokens(spec.question.kind, own_names)
    return spec.model_copy(
        update={
            "models": held.models,
            "fallbacks": held.fallbacks,
            "base_url": held.base_url,
            "max_tokens": held.max_tokens,
            "routes": {**spec.routes, **held.routes},
            "local_max_tokens": spec.local_max_tokens if held.max_tokens is not None else usual,
        }
    )
