"""LangGraph with langchain-openai: a graph of one node a seat and round, whose state is what was said; no checkpointer."""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

from load import MODEL, Load, Solve, asked, limited, majority, run, shown

Said = dict[tuple[int, int], tuple[list[dict[str, str]], str]]


class State(TypedDict):
    """The question, what each seat was asked and said by round and seat, and the answer."""

    question: str
    said: Annotated[Said, operator.or_]
    answer: str | None


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """The compiled graph."""
    model = ChatOpenAI(model=MODEL, base_url=url, api_key="none")  # type: ignore[arg-type]

    async def ask(messages: list[dict[str, str]]) -> str:
        return str((await model.ainvoke(messages)).content)

    complete = limited(ask, load)

    def node(round_: int, seat: int):  # noqa: ANN202 - as the library takes them
        async def speak(state: State) -> dict[str, Said]:
            if round_ == 0:
                messages = asked(state["question"])
            else:
                before = [state["said"][round_ - 1, other] for other in range(load.seats)]
                others = [words for other, (_, words) in enumerate(before) if other != seat]
                messages = shown(*before[seat], others)
            return {"said": {(round_, seat): (messages, await complete(messages))}}

        return speak

    def vote(state: State) -> dict[str, str | None]:
        return {"answer": majority([state["said"][load.rounds - 1, seat][1] for seat in range(load.seats)])}

    graph = StateGraph(State)
    before = [START]
    for round_ in range(load.rounds):
        names = [f"{round_}-{seat}" for seat in range(load.seats)]
        for seat, name in enumerate(names):
            graph.add_node(name, node(round_, seat))
            if before == [START]:
                graph.add_edge(START, name)
            else:
                graph.add_edge(before, name)
        before = names
    graph.add_node("vote", vote)
    graph.add_edge(before, "vote")
    graph.add_edge("vote", END)
    compiled = graph.compile()

    async def solve(question: str) -> object:
        return await compiled.ainvoke({"question": question, "said": {}, "answer": None})

    yield solve


if __name__ == "__main__":
    run(opened)
