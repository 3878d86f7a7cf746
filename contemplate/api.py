"""The functions that most people need: one question, one answer."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

import anyio
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

from contemplate.catalogue.strategy import Strategy
from contemplate.concurrency import loop_factory
from contemplate.deprecated import renamed_arguments
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Backend, Limits
from contemplate.models.backends.model import Model
from contemplate.models.budget import Budget
from contemplate.models.retry import Retry
from contemplate.orchestration.arguments import check_arguments, spelled
from contemplate.orchestration.options import Given, GivenAttachment, GivenFocus, RunOptions, observers_of
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Orchestrator
from contemplate.orchestration.outside import Hide
from contemplate.orchestration.policies import GivenPolicy
from contemplate.orchestration.tool_table import GivenTool
from contemplate.run.reviewing import Review
from contemplate.tools import Approve
from contemplate.trace.events import Event, Observer, Observers, events_of
from contemplate.trace.outcome import Number, Outcome
from contemplate.types import (
    AnswerKind,
    Criterion,
    Json,
    Message,
    OutsideView,
    Price,
    Privacy,
    Question,
    Sampling,
    Stakes,
)

M = TypeVar("M", bound=BaseModel)
F = TypeVar("F", bound=Callable[..., object])


class Options(TypedDict, total=False):
    """What `solve`, `solve_sync` and `stream` take besides question, strategy and the kind of answer; see `solve`."""

    choices: Sequence[str]
    schema: Json | None
    models: str | Model | Sequence[str | Model]
    fallbacks: Sequence[str | Model]
    base_url: str | None
    backend: Backend | None
    parameters: Mapping[str, object] | None
    seed: int
    budget: Budget | None
    ledger: Path | str | Ledger | None
    project: Path | str | None
    sampling: Sampling | None
    criteria: Sequence[Criterion] | str | None
    backends: Mapping[str, Backend] | None
    api_key: str | None
    timeout: float | timedelta | None
    limits: Limits | Mapping[str, Limits] | None
    retry: Retry | None
    prices: Mapping[str, Price] | None
    on_event: Observer | Sequence[Observer] | None
    deltas: bool
    documents: Sequence[Given]
    history: Sequence[Message]
    system: str | None
    privacy: Privacy
    policy: GivenPolicy | None
    profile: str | None
    stakes: Stakes | Literal["high"] | None
    outside: OutsideView | Literal["redact", "digest"] | None
    hide: Hide | None
    attachments: Sequence[GivenAttachment]
    refine: bool | Review
    focus: GivenFocus
    progress: bool | None
    tools: Sequence[GivenTool]
    approve: Approve | None


@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: type[M], **options: Unpack[Options]
) -> Outcome[M]: ...
@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["number"], **options: Unpack[Options]
) -> Outcome[Number]: ...
@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["boolean"], **options: Unpack[Options]
) -> Outcome[bool]: ...
@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["date"], **options: Unpack[Options]
) -> Outcome[date]: ...
@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["set"], **options: Unpack[Options]
) -> Outcome[frozenset[str]]: ...
@overload
async def solve(
    question: Question | str,
    strategy: Strategy | str = ...,
    *,
    answer: Literal["choice", "text", "open"],
    **options: Unpack[Options],
) -> Outcome[str]: ...
@overload
async def solve(
    question: Question | str, strategy: Strategy | str = ..., *, answer: AnswerKind | None = ..., **options: Unpack[Options]
) -> Outcome[object]: ...
@renamed_arguments(listen="on_event")
@spelled
async def solve(  # noqa: PLR0913 - all but two are named, and have defaults
    question: Question | str,
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    answer: AnswerKind | type[BaseModel] | None = None,
    choices: Sequence[str] = (),
    schema: Json | None = None,
    models: str | Model | Sequence[str | Model] = (),
    fallbacks: Sequence[str | Model] = (),
    base_url: str | None = None,
    backend: Backend | None = None,
    parameters: Mapping[str, object] | None = None,
    seed: int = 0,
    budget: Budget | None = None,
    ledger: Path | str | Ledger | None = None,
    project: Path | str | None = None,
    sampling: Sampling | None = None,
    criteria: Sequence[Criterion] | str | None = None,
    backends: Mapping[str, Backend] | None = None,
    api_key: str | None = None,
    timeout: float | timedelta | None = None,  # noqa: ASYNC109 - of each attempt at a call, not of this function
    limits: Limits | Mapping[str, Limits] | None = None,
    retry: Retry | None = None,
    prices: Mapping[str, Price] | None = None,
    on_event: Observer | Sequence[Observer] | None = None,
    deltas: bool = False,
    documents: Sequence[Given] = (),
    history: Sequence[Message] = (),
    system: str | None = None,
    privacy: Privacy = "any",
    policy: GivenPolicy | None = None,
    profile: str | None = None,
    stakes: Stakes | Literal["high"] | None = None,
    outside: OutsideView | Literal["redact", "digest"] | None = None,
    hide: Hide | None = None,
    attachments: Sequence[GivenAttachment] = (),
    refine: bool | Review = False,
    focus: GivenFocus = None,
    progress: bool | None = None,
    tools: Sequence[GivenTool] = (),
    approve: Approve | None = None,
) -> Outcome[Any]:
    """Let a panel of agents work on a question until there is one answer.

    Args:
        question: the problem, or its text.
        strategy: the name of a recipe, a path to one, or a strategy built in Python.
        answer: the kind of answer: "number", "choice", "math", "date", "set", "boolean", "json", "text", "open"; or a pydantic
            model, an instance of which `Outcome.value` will be.
        choices: the options of a multiple choice.
        schema: the JSON Schema of a "json" answer.
        models: names of models, or models; the seats take them in turn. Default: those configured, or the embedded one.
        fallbacks: models that are asked, in order, when one fails for good.
        base_url: the address of an OpenAI-compatible server, for all models that have none of their own.
        backend: answers every call itself, as a `ScriptedBackend` does in tests.
        parameters: values for the recipe's parameters, as `{"rounds": 3}`.
        seed: everything random comes from it, in [0, 2**63).
        budget: caps on calls, tokens, US dollars and seconds.
        ledger: where replies are kept: a file, an address, or an open ledger. Default: the user's own.
        project: a folder with cards, recipes and settings of your own.
        sampling: how all replies are drawn, whatever cards and models say; only what is set in it counts.
        criteria: by what replies and the answer are scored (`Outcome.assessment`): criteria, "correct:3,short:1", or "panel".
        backends: answer for the models whose names fit a pattern, as "acme/*"; the longest one wins.
        api_key: the key for `base_url`. Default: that in the environment.
        timeout: seconds for one attempt at a call, where the model does not say.
        limits: how fast models may be called: by provider, or one for each endpoint.
        retry: how failed calls are tried again.
        prices: US dollars for a million tokens, by model.
        on_event: an observer, or several: each is told every event as it happens, on the event loop.
        deltas: tell the pieces of replies too, as they are written (`TurnDelta`), where the model's server gives these.
        documents: what the question comes with, quoted to all as data: documents, or paths of text, Markdown or PDF files.
        history: what was said before it, by a user and an assistant in turn.
        system: what every agent is told first, in its system message.
        privacy: how far the question may go, if less far than it says itself: "local" (machines of one's own), "eu" or "any".
        policy: that it is under besides that of the settings: a `Policy`, the path or the name of one; "off" for none.
        profile: under which policies are used; None: as the settings say.
        stakes: "high": no answer is given that was not verified or is not sure enough; `Stakes` says what that is.
        outside: what models see of private words that may not see them all: "redact", "digest"; None: they are not called.
        hide: names that are hidden from them besides, or a function that finds in a text what is.
        attachments: what else it comes with: paths of pictures, PDF files, sound or films, their bytes, or `data:` URLs.
        refine: put the question more tightly first: True, or a function of a `Draft` that says True, False, or a question to take
            in its place.
        focus: what each agent is shown of the documents: "full", all of them; "digest", what members found in their parts;
            "split", its own parts, and of the others what was found in them. Default: as the strategy says, which is all.
        progress: show the run while it goes, in a Jupyter notebook; elsewhere nothing is shown. Default: as the settings say,
            which is yes.
        tools: that all who answer may call: names ("python", "calculator", "read_document", an MCP server of the settings),
            `Tool`s, functions, or `McpServer`s.
        approve: is asked before each call of a tool (`Approval`), and lets it pass by True. Default: all may be made.

    Returns:
        The outcome; its `answer` is None if there is none, and `stopped` says why.

    Raises:
        InputError: something in what was given is wrong, in one line; nothing was called.
        ProgramError: a step of your own raised an exception; the run can be resumed.
        StorageError: the ledger can't be written any more.

    Example:
        >>> outcome = await solve("What is 17 * 23?", models=["openai/gpt-5-mini"], answer="number")
        >>> outcome.value
        391
    """
    observers = observers_of(on_event, deltas=deltas)
    check_arguments(progress=progress)
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
    async with Orchestrator(
        models,
        base_url=base_url,
        backend=backend,
        ledger=ledger,
        fallbacks=fallbacks,
        project=project,
        backends=backends,
        api_key=api_key,
        timeout=timeout,
        limits=limits,
        retry=retry,
        prices=prices,
        approve=approve,
    ) as orchestrator:
        with _shown(observers, wanted=orchestrator.settings.progress if progress is None else progress) as told:
            return await orchestrator.carry_out(question, strategy, options, told)


def _shown(observers: Observers, *, wanted: bool) -> AbstractContextManager[Observers]:
    """These observers, and in a notebook one that shows the run there."""
    if not wanted or "IPython" not in sys.modules:
        return nullcontext(observers)
    from contemplate.viewer.progress import watched

    return watched(observers)


def _with_options(function: F) -> F:
    """Show the arguments of `solve` where somebody asks for those of `function`, which takes the same."""
    own = inspect.signature(function)
    function.__signature__ = inspect.signature(solve).replace(return_annotation=own.return_annotation)  # type: ignore[attr-defined]
    return function


@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: type[M], **options: Unpack[Options]
) -> Outcome[M]: ...
@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["number"], **options: Unpack[Options]
) -> Outcome[Number]: ...
@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["boolean"], **options: Unpack[Options]
) -> Outcome[bool]: ...
@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["date"], **options: Unpack[Options]
) -> Outcome[date]: ...
@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: Literal["set"], **options: Unpack[Options]
) -> Outcome[frozenset[str]]: ...
@overload
def solve_sync(
    question: Question | str,
    strategy: Strategy | str = ...,
    *,
    answer: Literal["choice", "text", "open"],
    **options: Unpack[Options],
) -> Outcome[str]: ...
@overload
def solve_sync(
    question: Question | str, strategy: Strategy | str = ..., *, answer: AnswerKind | None = ..., **options: Unpack[Options]
) -> Outcome[object]: ...
@renamed_arguments(listen="on_event")
@spelled
@_with_options
def solve_sync(question: Question | str, strategy: Strategy | str = DEFAULT_STRATEGY, **options: Any) -> Outcome[Any]:
    """`solve` for code that is not async; works where an event loop is running too, as in a notebook.

    Its arguments are those of `solve`. Observers are called from the thread that does the work. Ctrl-C ends the run; what was
    paid for is kept.
    """

    async def work() -> Outcome[Any]:
        outcome: Outcome[Any] = await solve(question, strategy, **options)
        return outcome

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return anyio.run(work, backend_options={"loop_factory": loop_factory()})
    return _in_a_thread(work)


def _in_a_thread(work: Callable[[], Awaitable[Outcome[Any]]]) -> Outcome[Any]:
    """Run `work` on an event loop of its own, and wait for it without minding the one that is running here."""
    with start_blocking_portal(backend_options={"loop_factory": loop_factory()}) as portal:
        future = portal.start_task_soon(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


@renamed_arguments(listen="on_event")
@spelled
@_with_options
async def stream(
    question: Question | str,
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    answer: AnswerKind | type[BaseModel] | None = None,
    **options: Unpack[Options],
) -> AsyncIterator[Event]:
    """`solve` as a stream of events, the last of which is `RunEnded` with the outcome. Its arguments are those of `solve`.

    Leaving the loop early ends the run; what was paid for is kept. Nothing is shown in a notebook unless `progress` is given.

    Example:
        >>> async for event in stream("What is 17 * 23?"):
        ...     print(event)
    """
    told = observers_of(options.pop("on_event", None)).each
    options.setdefault("progress", False)

    async def work(tell: Observer) -> None:
        options["on_event"] = (tell, *told)
        await solve(question, strategy, answer=answer, **options)

    async with aclosing(events_of(work)) as events:
        async for event in events:
            yield event
