"""The orchestrator: many questions on shared limits, connections, ledger and budget, each answered by a panel of agents.

One contemplation, whole: `Orchestrator.carry_out` fixes everything in a `RunSpec` before the first call (`planning`), sees to it
that its models can be called, and writes the run down (`runner`); its steps lay out turns until there is a decision, and the run
is closed in the ledger however it ends (`contemplation`); what it came to is the outcome (`conclusion`). What it does with stored
runs stands in `stored_runs`.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

from pydantic import BaseModel, SecretStr

from contemplate.catalogue import Catalogue
from contemplate.catalogue.strategy import Strategy
from contemplate.concurrency import rounds, to_the_end
from contemplate.deprecated import renamed, renamed_arguments
from contemplate.errors import InputError
from contemplate.ledger import Ledger, default_location, open_ledger, public_location
from contemplate.models.backends.base import Backend, Limits
from contemplate.models.backends.model import Model
from contemplate.models.budget import Account, Budget
from contemplate.models.names import EMBEDDED
from contemplate.models.retry import Retry
from contemplate.models.stages.own import Stage, own_stages
from contemplate.orchestration.arguments import check_arguments, spelled
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.options import Given, GivenAttachment, GivenFocus, QuestionOptions, RunOptions, observers_of
from contemplate.orchestration.outside import Hide
from contemplate.orchestration.policies import GivenPolicy
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.runner import UNNAMED, Runner
from contemplate.orchestration.settings import Settings, load_settings
from contemplate.orchestration.specifying import Specifying
from contemplate.orchestration.tool_table import GivenTool, ToolTable
from contemplate.policy.guard import Classifier
from contemplate.run.reviewing import Review
from contemplate.tools import Approve
from contemplate.trace.events import NOBODY, Event, Observer, Observers, events_of
from contemplate.trace.outcome import Number, Outcome
from contemplate.types import AnswerKind, Criterion, Json, Message, OutsideView, Price, Privacy, Question, Sampling, Stakes

DEFAULT_STRATEGY = "contemplating"

M = TypeVar("M", bound=BaseModel)


class Orchestrator(Specifying):
    """Answers questions with panels of agents. Use it as an async context manager.

    Many questions may be solved at once: they share limits, the ledger and `budget`.

    Example:
        >>> async with Orchestrator(models=["openai/gpt-5-mini"]) as orchestrator:
        ...     outcome = await orchestrator.solve("What is 17 * 23?", answer="number")
    """

    @spelled
    def __init__(  # noqa: PLR0913 - all but the first are named, and have defaults
        self,
        models: str | Model | Sequence[str | Model] = (),
        *,
        base_url: str | None = None,
        backend: Backend | None = None,
        ledger: Path | str | Ledger | None = None,
        budget: Budget | None = None,
        fallbacks: Sequence[str | Model] = (),
        project: Path | str | None = None,
        settings: Settings | None = None,
        backends: Mapping[str, Backend] | None = None,
        api_key: str | None = None,
        timeout: float | timedelta | None = None,
        limits: Limits | Mapping[str, Limits] | None = None,
        retry: Retry | None = None,
        prices: Mapping[str, Price] | None = None,
        stages: Sequence[Stage] = (),
        tools: Sequence[GivenTool] = (),
        approve: Approve | None = None,
        classifiers: Mapping[str, Classifier] | None = None,
    ) -> None:
        """Set up; nothing is opened or called yet.

        Args:
            models: names of models, or models; the seats of a panel take them in turn. None: those of the settings, or else
                the embedded model.
            base_url: the address of an OpenAI-compatible server for all that have none of their own, but `local/...`.
            backend: answers every call itself, whatever the model is called; not closed here.
            ledger: a file, or an open ledger (which is not closed here); None: the settings' or the user's own.
            budget: caps on all questions together. `solve` takes those of one question.
            fallbacks: models that are asked, in order, when one fails for good.
            project: a folder with `agents/`, `strategies/` and `contemplate.toml` of your own.
            settings: instead of what `contemplate.toml` says.
            backends: answer for the models whose names fit a pattern, as "acme/*"; the longest one wins. Not closed here.
            api_key: the key for `base_url`. Default: that in the environment.
            timeout: seconds for one attempt at a call, where the model does not say.
            limits: how fast models may be called: by provider, or one for each endpoint.
            retry: how failed calls are tried again.
            prices: US dollars for a million tokens, by model.
            stages: of your own, in the path of every call.
            tools: that all who answer may call, unless a question says which; `approve` is asked before each call (`Approval`).
            classifiers: functions of a text that policies ask, by name.

        Raises:
            InputError: a setting is wrong.
        """
        check_arguments(models=models, fallbacks=fallbacks, base_url=base_url, api_key=api_key, backends=backends, budget=budget)
        check_arguments(ledger=ledger, project=project, timeout=timeout, limits=limits, retry=retry, prices=prices)
        check_arguments(tools=tools, classifiers=classifiers)
        folder = Path(project) if project is not None else None
        settings = settings if settings is not None else load_settings(folder)
        settings = settings.with_options(limits=limits, retry=retry, prices=prices, timeout=timeout)
        self.catalogue = Catalogue(folder)
        self.table = ModelTable(settings.model)
        self.models = self.table.names(models or settings.models)
        self.fallbacks = self.table.names(fallbacks or settings.fallbacks)
        self.settings = settings.model_copy(update={"model": self.table.written()})
        self.base_url = base_url if base_url is not None else self.settings.base_url
        self.account = Account(budget or Budget())
        self.backends = {**({} if backend is None else {"*": backend}), **(backends or {})}
        self._key = None if api_key is None else SecretStr(api_key)
        if self._key is not None and self.base_url is None:
            raise InputError("api_key is the key for base_url, and there is none; the key of one model: Model(name, key=...)")
        self._ledger = ledger if ledger is not None else self.settings.ledger
        self._stages = own_stages(stages)
        self.tools = ToolTable(self.settings.tool, approve, tools)
        self._classifiers = dict(classifiers or {})
        self._runner: Runner | None = None

    async def __aenter__(self) -> Self:
        """Open the ledger."""
        opened = self._ledger if isinstance(self._ledger, Ledger) else await open_ledger(self._ledger)
        self._runner = Runner(
            ledger=opened,
            settings=self.settings,
            catalogue=self.catalogue,
            account=self.account,
            table=self.table,
            backends=self.backends,
            api_key=self._key,
            asks=(*self.models, EMBEDDED)[0],
            base_url=self.base_url,
            stages=self._stages,
            tools=self.tools,
            classifiers=self._classifiers,
            unnamed=None if self.models else UNNAMED,
            telemetry=self.settings.observer,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close connections, processes and the ledger."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await to_the_end(self._close(runner))

    async def _close(self, runner: Runner) -> None:
        try:
            await runner.aclose()
        finally:
            if runner.ledger is not self._ledger:
                await runner.ledger.aclose()

    @overload
    async def solve(
        self, question: Question | str, strategy: Strategy | str = ..., *, answer: type[M], **options: Unpack[QuestionOptions]
    ) -> Outcome[M]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: Literal["number"],
        **options: Unpack[QuestionOptions],
    ) -> Outcome[Number]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: Literal["boolean"],
        **options: Unpack[QuestionOptions],
    ) -> Outcome[bool]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: Literal["date"],
        **options: Unpack[QuestionOptions],
    ) -> Outcome[date]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: Literal["set"],
        **options: Unpack[QuestionOptions],
    ) -> Outcome[frozenset[str]]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: Literal["choice", "text", "open"],
        **options: Unpack[QuestionOptions],
    ) -> Outcome[str]: ...
    @overload
    async def solve(
        self,
        question: Question | str,
        strategy: Strategy | str = ...,
        *,
        answer: AnswerKind | None = ...,
        **options: Unpack[QuestionOptions],
    ) -> Outcome[object]: ...
    @renamed_arguments(listen="on_event")
    @spelled
    async def solve(  # noqa: PLR0913 - all but two are named, and have defaults
        self,
        question: Question | str,
        strategy: Strategy | str = DEFAULT_STRATEGY,
        *,
        answer: AnswerKind | type[BaseModel] | None = None,
        choices: Sequence[str] = (),
        schema: Json | None = None,
        parameters: Mapping[str, object] | None = None,
        seed: int = 0,
        budget: Budget | None = None,
        sampling: Sampling | None = None,
        criteria: Sequence[Criterion] | str | None = None,
        on_event: Observer | Sequence[Observer] | None = None,
        deltas: bool = False,
        documents: Sequence[Given] = (),
        history: Sequence[Message] = (),
        system: str | None = None,
        privacy: Privacy = "any",
        tools: Sequence[GivenTool] = (),
        policy: GivenPolicy | None = None,
        profile: str | None = None,
        stakes: Stakes | Literal["high"] | None = None,
        outside: OutsideView | Literal["redact", "digest"] | None = None,
        hide: Hide | None = None,
        attachments: Sequence[GivenAttachment] = (),
        refine: bool | Review = False,
        focus: GivenFocus = None,
    ) -> Outcome[Any]:
        """Work on a question until there is one answer.

        Args:
            question: the problem, or its text.
            strategy: the name of a recipe, a path to one, or a strategy built in Python.
            answer: the kind of answer, where the question is a text; "choice" if there are choices, "json" if there is a
                schema, else "open" where its words ask for more than a short answer, else "text". A pydantic model is "json"
                with that model's schema.
            choices: the options, where the question is a text.
            schema: the JSON Schema of the answer, where the question is a text.
            parameters: values for the recipe's parameters.
            seed: everything random comes from it, in [0, 2**63).
            budget: caps on this question.
            sampling: how all replies are drawn, whatever cards and models say; only what is set in it counts.
            criteria: by what replies and the answer are scored (`Outcome.assessment`): criteria, "correct:3,short:1", or "panel".
            on_event: an observer, or several: each is told every event as it happens.
            deltas: tell the pieces of replies too, as they are written (`TurnDelta`), where the model's server gives these.
            documents: what the question comes with, quoted to all as data: documents, or paths of text, Markdown or PDF files.
            history: what was said before it, by a user and an assistant in turn.
            system: what every agent is told first, in its system message.
            privacy: how far the question may go, if less far than it says itself: "local", "eu" or "any".
            tools: that all who answer may call, instead of the orchestrator's: names, `Tool`s, functions, or MCP servers.
            policy: that it is under besides that of the settings; "off" for none.
            profile: under which policies are used; None: as the settings say.
            stakes: "high": no answer is given that was not verified or is not sure enough; `Stakes` says what that is.
            outside: what models see of private words that may not see them all: "redact", "digest"; None: they are not called.
            hide: names that are hidden from them besides, or a function that finds in a text what is.
            attachments: what else it comes with: paths of pictures, PDF files, sound or films, their bytes, or `data:` URLs.
            refine: put the question more tightly first: True, or a function that says if that is taken (`Review`).
            focus: what each agent is shown of the documents: "full", "digest" or "split"; None: as the strategy says.

        Raises:
            InputError: something in what was given is wrong; nothing was called.
            ProgramError: a step of your own raised an exception; the run can be resumed.
            StorageError: the ledger can't be written any more.
        """
        options = RunOptions(
            answer=answer,
            choices=choices,
            schema=schema,
            parameters=parameters or {},
            seed=seed,
            budget=budget,
            sampling=sampling,
            criteria=criteria,
            documents=documents,
            history=history,
            system=system,
            privacy=privacy,
            tools=tools,
            policy=policy,
            profile=profile,
            stakes=stakes,
            outside=outside,
            hide=hide,
            attachments=attachments,
            refine=refine,
            focus=focus,
        )
        return await self.carry_out(question, strategy, options, observers_of(on_event, deltas=deltas))

    async def carry_out(
        self, question: Question | str, strategy: Strategy | str, options: RunOptions, observers: Observers = NOBODY
    ) -> Outcome[Any]:
        """Work on a question as `solve` does, with its options as one value."""
        await rounds().turn()
        options = await options.read_apart()
        spec = self.specify(question, strategy, options)
        if not options.models and await self.find_model():
            spec = self.specify(question, strategy, options)
        outcome = await self.execute(spec, observers, options.review)
        return replace(outcome, answer_type=options.answer) if isinstance(options.answer, type) else outcome

    @renamed_arguments(listen="on_event")
    @partial(spelled, like=solve)
    async def stream(
        self,
        question: Question | str,
        strategy: Strategy | str = DEFAULT_STRATEGY,
        *,
        answer: AnswerKind | type[BaseModel] | None = None,
        **options: Unpack[QuestionOptions],
    ) -> AsyncIterator[Event]:
        """`solve` as a stream of events, the last of which is `RunEnded` with the outcome. Its arguments are those of `solve`.

        Leaving the loop early ends the run; what was paid for is kept.
        """
        told = observers_of(options.pop("on_event", None)).each

        async def work(tell: Observer) -> None:
            await self.solve(question, strategy, answer=answer, on_event=(tell, *told), **options)  # type: ignore[call-overload]

        async with aclosing(events_of(work)) as events:
            async for event in events:
                yield event

    # --- for the command line and experiments ---------------------------------------------------------

    @property
    def runner(self) -> Runner:
        """The runner, which carries out specs; there while the orchestrator is open."""
        if self._runner is None:
            raise InputError("use the orchestrator as 'async with Orchestrator(...) as orchestrator'")
        return self._runner

    @property
    def ledger(self) -> Ledger:
        """The open ledger."""
        return self.runner.ledger

    @property
    def holds_keys(self) -> bool:
        """Whether a key was given as such, and not by the name of an environment variable."""
        return self._key is not None or self.table.holds_keys

    @property
    def location(self) -> str:
        """The ledger's location, as one would name it; never with a password."""
        if isinstance(self._ledger, Ledger):
            return type(self._ledger).__name__
        return public_location(self._ledger or default_location())

    if not TYPE_CHECKING:

        def plan(self, question: Question | str, strategy: Strategy | str = DEFAULT_STRATEGY, **options: object) -> RunSpec:
            """The old form of `specify`; it goes with the next release."""
            warnings.warn("'Orchestrator.plan' is 'Orchestrator.specify' now", DeprecationWarning, stacklevel=2)
            return self.specify(question, strategy, RunOptions(**options))

        __getattr__ = renamed(
            {
                "prepare": "runner.prepare",
                "start": "runner.execute",
                "once": "runner.run_or_load",
                "ask": "runner.ask",
                "price": "runner.price",
                "find": "run",
                "place": "location",
            }
        )
