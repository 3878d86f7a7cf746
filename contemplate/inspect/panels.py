"""Panels as solvers and agents of Inspect's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from contemplate.api import solve
from contemplate.catalogue.strategy import Strategy
from contemplate.experiments.questions import QuestionSet
from contemplate.experiments.questions.inspect_tasks import InspectTask
from contemplate.inspect.models import PACKAGE, InspectBackend, models_of
from contemplate.installed import library
from contemplate.integrations.chat import about, asked
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY
from contemplate.trace.outcome import Outcome
from contemplate.types import AnswerKind

Models = Sequence[Any] | str | None


def solver(
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    models: Models = None,
    through_inspect: bool = True,
    **options: Any,  # noqa: ANN401 - those of `solve`
) -> Any:  # noqa: ANN401 - a Solver of a library that need not be there
    """A solver that has a panel answer each sample, in place of `generate()`.

    The seats are asked through Inspect's own models, so that its log, its cache, its limits and its usage hold every call. A
    sample with choices is asked as a choice, and its choices are marked for the scorer `choice()`. Each epoch has a seed of its
    own. The facts about the run stand in the sample's metadata and store under "contemplate".

    Args:
        strategy: as of `solve`.
        models: models of Inspect's, or their names, that the seats take in turn; None: the model that the task is run with. With
            `through_inspect=False`, as of `solve`.
        through_inspect: ask Inspect's models; False: our own, which have no event in Inspect's log.
        **options: as of `solve`. Unless it is given, `ledger` is one in memory where Inspect's models are asked.

    Raises:
        InputError: Inspect is not installed. When it runs: a sample can't be asked of a panel.

    Example:
        >>> Task(dataset=example_dataset("theory_of_mind"), solver=solver("multiagent-debate"), scorer=model_graded_fact())
    """
    return _solver()(strategy, models=models, through_inspect=through_inspect, **options)


def agent(
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    models: Models = None,
    through_inspect: bool = True,
    **options: Any,  # noqa: ANN401 - those of `solve`
) -> Any:  # noqa: ANN401 - an Agent of a library that need not be there
    """An agent that has a panel answer the last message of its conversation; for `run`, `handoff`, `as_tool` and `as_solver`.

    Arguments and errors are those of `solver`.
    """
    return _agent()(strategy, models=models, through_inspect=through_inspect, **options)


def questions(made: Any, kind: AnswerKind | None = None) -> QuestionSet:  # noqa: ANN401 - a Task, a Dataset or Samples
    """A task, a data set or samples of Inspect's as a question set; a task's scorers are its grader.

    In a plan, `inspect:FILE.py:FUNCTION` names a function that returns one.

    Args:
        made: what Inspect has.
        kind: of the answers to samples without choices; "text" if it is None.

    Raises:
        InputError: it is something else; or a sample can't be asked of a panel.
    """
    return InspectTask.of(made, kind).questions()


@cache
def _solver() -> Any:  # noqa: ANN401
    """The solver in Inspect's registry."""

    @library("inspect_ai.solver", package=PACKAGE).solver(name="contemplate")  # type: ignore[untyped-decorator, unused-ignore]
    def contemplate(strategy: Any = DEFAULT_STRATEGY, **options: Any) -> Any:  # noqa: ANN401
        async def solve_sample(state: Any, generate: Any) -> Any:  # noqa: ANN401, ARG001 - a solver's arguments
            choices = tuple(choice.value for choice in state.choices)
            given = {"answer": "choice", "choices": choices, **options} if choices else dict(options)
            outcome = await _ask(state.messages, strategy, given, epoch=state.epoch)
            chosen = outcome.value if choices else None
            for place, choice in enumerate(choices):
                state.choices.mark_choice(place, choice == chosen)
            letter = "" if chosen is None else f"ANSWER: {chr(ord('A') + choices.index(str(chosen)))}"
            state.output = _output(outcome, letter if choices else outcome.answer or "")
            state.messages.append(state.output.message)
            state.metadata["contemplate"] = about(outcome)
            state.store.set("contemplate", about(outcome))
            return state

        return solve_sample

    return contemplate


@cache
def _agent() -> Any:  # noqa: ANN401
    """The agent in Inspect's registry."""
    described = "A panel of agents that works on a hard question until there is one answer."

    @library("inspect_ai.agent", package=PACKAGE).agent(name="contemplate", description=described)  # type: ignore[untyped-decorator, unused-ignore]
    def contemplate(strategy: Any = DEFAULT_STRATEGY, **options: Any) -> Any:  # noqa: ANN401
        async def execute(state: Any) -> Any:  # noqa: ANN401
            """Have a panel of agents work on a hard question until there is one answer."""
            outcome = await _ask(state.messages, strategy, dict(options), epoch=1)
            state.output = _output(outcome, outcome.answer or "")
            state.messages.append(state.output.message)
            return state

        return execute

    return contemplate


async def _ask(messages: Sequence[Any], strategy: Any, options: dict[str, Any], *, epoch: int) -> Outcome[Any]:  # noqa: ANN401
    """What a panel makes of a conversation."""
    models, backend = options.pop("models", None), None
    if options.pop("through_inspect", True):
        found = models_of(models)
        backend, models = InspectBackend(found), list(found)
        options = {"ledger": ":memory:", **options, "backend": backend}
    question = asked((message.role, message.text) for message in messages)
    options |= {"models": models or (), "seed": options.get("seed", 0) + epoch - 1, "progress": False}
    outcome: Outcome[Any] = await solve(question.question, strategy, **{**question.options, **options})
    if backend is not None and backend.limit is not None:
        raise backend.limit
    return outcome


def _output(outcome: Outcome[Any], text: str) -> Any:  # noqa: ANN401
    """The answer as a model's output."""
    return library("inspect_ai.model", package=PACKAGE).ModelOutput.from_content(f"contemplate/{outcome.strategy}", text)
