"""The functions that most people need: one question, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypedDict, Unpack

import anyio
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel

from contemplate.catalogue.strategy import Strategy
from contemplate.concurrency import owned
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Backend, Limits
from contemplate.models.backends.model import Model
from contemplate.models.budget import Budget
from contemplate.models.retry import Retry
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Listener, Orchestrator
from contemplate.trace.outcome import Event, Outcome
from contemplate.types import AnswerKind, Json, Price, Question, Sampling


class Options(TypedDict, total=False):
    """What `solve`, `solve_sync` and `stream` take besides question and strategy.

    Attributes:
        models: names of models, or models; the seats take them in turn. Default: those configured, or the embedded one.
        base_url: the address of an OpenAI-compatible server, for all models that have none of their own.
        backend: answers every call itself, as a `ScriptedBackend` does in tests.
        budget: caps on calls, tokens, US dollars and seconds.
        seed: everything random comes from it.
        ledger: where replies are kept: a file, or an open ledger. Default: the user's own.
        answer: the kind of answer: "number", "choice", "math", "date", "set", "boolean", "json", "text"; or a pydantic model,
            an instance of which `Outcome.value` will be.
        choices: the options of a multiple choice.
        schema: the JSON Schema of a "json" answer.
        parameters: values for the recipe's parameters, as `{"rounds": 3}`.
        fallbacks: models that are asked when one fails.
        project: a folder with cards, recipes and settings of your own.
        sampling: how replies are drawn, where a card does not say; only what is set in it counts.
        backends: answer for the models whose names fit a pattern, as "acme/*"; the longest one wins.
        api_key: the key for `base_url`. Default: that in the environment.
        timeout: seconds for one attempt at a call.
        limits: how fast models may be called: by provider, or one for each endpoint.
        retry: how failed calls are tried again.
        prices: US dollars for a million tokens, by model.
    """

    models: Sequence[str | Model]
    base_url: str | None
    backend: Backend | None
    budget: Budget | None
    seed: int
    ledger: Path | str | Ledger | None
    answer: AnswerKind | type[BaseModel] | None
    choices: Sequence[str]
    schema: Json | None
    parameters: Mapping[str, object] | None
    fallbacks: Sequence[str | Model]
    project: Path | str | None
    sampling: Sampling | None
    backends: Mapping[str, Backend] | None
    api_key: str | None
    timeout: float | timedelta | None
    limits: Limits | Mapping[str, Limits] | None
    retry: Retry | None
    prices: Mapping[str, Price] | None


async def solve(
    question: Question | str,
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    listen: Listener | None = None,
    **options: Unpack[Options],
) -> Outcome:
    """Let a panel of agents work on a question until there is one answer.

    Args:
        question: the problem, or its text.
        strategy: the name of a recipe, a path to one, or a strategy built in Python.
        listen: is told each event as it happens.
        **options: see `Options`.

    Returns:
        The outcome; its `answer` is None if there is none, and `stopped` says why.

    Raises:
        InputError: something in what was given is wrong, in one line; nothing was called.

    Example:
        >>> outcome = await solve("What is 17 * 23?", models=["openai/gpt-5-mini"], answer="number")
        >>> outcome.answer
        '391'
    """
    async with Orchestrator(
        options.get("models", ()),
        base_url=options.get("base_url"),
        backend=options.get("backend"),
        ledger=options.get("ledger"),
        fallbacks=options.get("fallbacks", ()),
        project=options.get("project"),
        backends=options.get("backends"),
        api_key=options.get("api_key"),
        timeout=options.get("timeout"),
        limits=options.get("limits"),
        retry=options.get("retry"),
        prices=options.get("prices"),
    ) as orchestrator:
        return await orchestrator.solve(
            question,
            strategy,
            answer=options.get("answer"),
            choices=options.get("choices", ()),
            schema=options.get("schema"),
            parameters=options.get("parameters"),
            seed=options.get("seed", 0),
            budget=options.get("budget"),
            sampling=options.get("sampling"),
            listen=listen,
        )


def solve_sync(
    question: Question | str,
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    listen: Listener | None = None,
    **options: Unpack[Options],
) -> Outcome:
    """`solve` for code that is not async; works where an event loop is running too, as in a notebook.

    `listen` is called from the thread that does the work. Ctrl-C ends the run; what was paid for is kept.
    """

    async def work() -> Outcome:
        return await solve(question, strategy, listen=listen, **options)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return anyio.run(work)
    return _in_a_thread(work)


def _in_a_thread(work: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Run `work` on an event loop of its own, and wait for it without minding the one that is running here."""
    with start_blocking_portal() as portal:
        future = portal.start_task_soon(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


async def stream(
    question: Question | str, strategy: Strategy | str = DEFAULT_STRATEGY, **options: Unpack[Options]
) -> AsyncIterator[Event]:
    """`solve` as a stream of events, the last of which is `RunEnded` with the outcome.

    Leaving the loop early ends the run; what was paid for is kept.

    Example:
        >>> async for event in stream("What is 17 * 23?"):
        ...     print(event)
    """
    sender, receiver = anyio.create_memory_object_stream[Event](float("inf"))

    async def work() -> None:
        with sender:
            await solve(question, strategy, listen=sender.send_nowait, **options)

    with receiver:  # open until the run has ended: it goes on telling while it is cancelled
        async with owned(work):
            async for event in receiver:
                yield event
