"""A trace as a plain graph: texts, numbers and nothing else, as files of graphs can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx

from contemplate.text import printable
from contemplate.trace.clock import Clock
from contemplate.types import Turn

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace

Scalar = str | int | float | bool


class Attributes(dict[str, Any]):
    """What networkx keeps of a graph as a whole; called, the plain graph."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace

    def __call__(self) -> nx.DiGraph[str]:
        """A graph with the same nodes and edges, whose attributes are texts and numbers.

        A node has `place`, and of a turn that is over what was said and found: `verb`, `seat`, `model`, `text`, `answer`,
        `value`, `confidence`, `tokens` and so on, as far as it has them; an edge has its `kind`.

        Example:
            >>> nx.write_graphml(outcome.trace.graph(), "run.graphml")
        """
        plain: nx.DiGraph[str] = nx.DiGraph()
        for name, node in self._trace.nodes(data=True):
            plain.add_node(name, place=node["place"], **dict(_node(node["turn"], node["clock"])))
        for one, other, edge in self._trace.edges(data=True):
            plain.add_edge(one, other, kind=str(edge["kind"]))
        return plain


def _program(turn: Turn) -> dict[str, str | None]:
    """What is known of the program that counts."""
    if not turn.programs:
        return {}
    last = turn.programs[-1]
    return {"program": last.code, "printed": last.output, "program_failed": last.failed}


def _node(turn: Turn | None, clock: Clock | None) -> Iterator[tuple[str, Scalar]]:
    """What is known of a turn; nothing of one that is pending."""
    if turn is None:
        return
    row: dict[str, object] = {
        **{
            name: getattr(turn, name)
            for name in Turn.model_fields
            if name not in {"id", "answer", "decision", "failure", "chose", "programs", "tools"}
        },
        "edited": turn.edited or None,
        "answer": turn.answer and turn.answer.text,
        "value": turn.answer and turn.answer.value,
        "chose": turn.chose,
        "winner": turn.decision and turn.decision.winner,
        "failure": turn.failure and turn.failure.message,
        **_program(turn),
        "tool_calls": len(turn.tools) or None,
        "prompt_tokens": turn.tokens.prompt,
        "completion_tokens": turn.tokens.completion,
        **({} if clock is None else {"started": clock.started, "ended": clock.ended, "cached": clock.cached}),
    }
    for name, value in row.items():
        if isinstance(value, Scalar):
            yield name, printable(value) if isinstance(value, str) else value
