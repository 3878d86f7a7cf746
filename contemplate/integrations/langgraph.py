"""A panel as a node of a LangGraph graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contemplate.api import Options, solve, solve_sync
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError
from contemplate.installed import library
from contemplate.integrations.chat import Asked, about, answered, asked
from contemplate.orchestration.options import observers_of
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY
from contemplate.trace.events import Event
from contemplate.trace.outcome import Outcome


def node(
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    answer: Any = None,  # noqa: ANN401 - a kind or a model, as of `solve`
    reads: str = "messages",
    writes: str | None = None,
    **options: Any,  # noqa: ANN401 - those of `solve`
) -> Any:  # noqa: ANN401 - a Runnable of a library that need not be there
    """A node that asks a panel, for `StateGraph.add_node`; it works in graphs that are invoked with and without await.

    The events of the run go to the graph's stream of mode "custom", each as `{"contemplate": event}`.

    Args:
        strategy: as of `solve`.
        answer: the kind of answer, as of `solve`; with a pydantic model (and a key to write to) its instance is what is written.
        reads: the key of the state that holds the question: a text, or a list of messages that ends with the user's.
        writes: the key that the answer goes to, and `contemplate` that of the facts about the run if the state has one. None: the
            key that is read, which holds messages then: the answer is added as one of the assistant's.
        **options: as of `solve`.

    Raises:
        InputError: LangGraph is not installed. When the node runs: the state holds no such key, or nothing that can be asked.
        NoAnswerError: when the node runs: the panel came to no answer.
    """
    runnables = library("langchain_core.runnables", package="langgraph")
    messages = library("langchain_core.messages", package="langgraph")
    config = library("langgraph.config", package="langgraph")
    told = observers_of(options.pop("on_event", None)).each

    def prepared(state: Any) -> tuple[Asked, Options]:  # noqa: ANN401
        write = config.get_stream_writer()

        def tell(event: Event) -> None:
            write({"contemplate": event})

        question = _question(state, reads)
        return question, {**question.options, **options, "on_event": (tell, *told)}  # type: ignore[typeddict-item]

    def update(outcome: Outcome[Any]) -> dict[str, Any]:
        text = answered(outcome)
        if writes is not None:
            return {writes: text if answer is None or isinstance(answer, str) else outcome.value, "contemplate": about(outcome)}
        return {reads: [messages.AIMessage(text, response_metadata={"contemplate": about(outcome)})]}

    def contemplate(state: Any) -> dict[str, Any]:  # noqa: ANN401
        question, given = prepared(state)
        return update(solve_sync(question.question, strategy, answer=answer, **given))

    async def acontemplate(state: Any) -> dict[str, Any]:  # noqa: ANN401
        question, given = prepared(state)
        return update(await solve(question.question, strategy, answer=answer, **given))

    return runnables.RunnableLambda(contemplate, acontemplate, name="contemplate")


def _question(state: Any, key: str) -> Asked:  # noqa: ANN401 - whatever a graph's state is
    """The question in a state."""
    found = state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)
    if isinstance(found, str):
        return Asked(found)
    if not isinstance(found, list) or not found:
        raise InputError(f"the graph's state has no question under {key!r}: a text or a list of messages is wanted there")
    convert = library("langchain_core.messages", package="langgraph").convert_to_messages
    return asked((message.type, message.text) for message in convert(found))
