"""A run in the forms that other programs read: JSON Lines, node-link JSON, GraphML, and a flowchart in Mermaid's language."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Literal, cast

import networkx as nx

from contemplate.errors import InputError, UnknownNameError
from contemplate.text import one_line, printable
from contemplate.trace.lines import trace_text
from contemplate.trace.plain import Attributes
from contemplate.trace.trace import Trace
from contemplate.types import Json, Turn

ExportFormat = Literal["jsonl", "node-link", "graphml", "mermaid"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = ("jsonl", "node-link", "graphml", "mermaid")

_LABEL = 60
"""How much of an answer stands in a node of a flowchart, in characters."""
_PLAIN = frozenset(" .,+-=/()'")
"""The signs that stand for themselves in a label of Mermaid's, besides letters and digits."""


def export(trace: Trace, head: Json, outcome: Json | None, form: str) -> str:
    """A run as a text of one of `EXPORT_FORMATS`; it ends with a line break.

    Args:
        trace: of the run.
        head: what was asked, of whom: the first line of a trace file.
        outcome: what it came to (`Outcome.to_dict`); None if it is not over.
        form: of the text.

    Raises:
        UnknownNameError: there is no such form.
        InputError: JSON Lines of a run that is not over, which a reader would take for a file that was cut off.
    """
    match form:
        case "jsonl":
            if outcome is None:
                raise InputError(f"run {head.get('run')} is not over, and such a file ends with the outcome: go on with it first")
            return trace_text(head, trace.rows(), outcome)
        case "node-link":
            return node_link(trace, _about(head, outcome))
        case "graphml":
            return graphml(trace, _about(head, outcome))
        case "mermaid":
            return mermaid(trace)
    raise UnknownNameError("form of a trace", form, EXPORT_FORMATS)


def _about(head: Json, outcome: Json | None) -> dict[str, str]:
    """What is said of the graph as a whole."""
    question = head.get("question") or {}
    said = {
        "run": head.get("run"),
        "question": question.get("text"),
        "strategy": head.get("strategy"),
        "answer": (outcome or {}).get("answer"),
        "stopped": (outcome or {}).get("stopped"),
    }
    return {name: printable(str(value)) for name, value in said.items() if value is not None}


def node_link(trace: Trace, about: Mapping[str, str]) -> str:
    """The graph as node-link JSON, which `networkx.node_link_graph(json.loads(text), edges="edges")` reads.

    Texts are printable (`contemplate.text.printable`), as they are in `trace.graph()`.

    Args:
        trace: the graph.
        about: what is said of it as a whole.
    """
    return json.dumps(nx.node_link_data(_plain(trace, about), edges="edges"), ensure_ascii=True) + "\n"


def graphml(trace: Trace, about: Mapping[str, str]) -> str:
    """The graph as GraphML, which `networkx.read_graphml`, yEd and Gephi read.

    Signs that XML can't hold are left out, and those that mean something there are escaped.

    Args:
        trace: the graph.
        about: what is said of it as a whole.
    """
    file = io.BytesIO()
    nx.write_graphml(_plain(trace, about), file)
    return file.getvalue().decode().rstrip("\n") + "\n"


def _plain(trace: Trace, about: Mapping[str, str]) -> nx.DiGraph[str]:
    """The plain graph with ids that any file can hold; two that differ stay two."""
    plain = cast("Attributes", trace.graph)()
    names: dict[str, str] = {}
    taken: set[str] = set()
    for place, name in enumerate(plain):
        clean = printable(name) or "turn"
        names[name] = clean if clean not in taken else f"{clean} ({place})"
        taken.add(names[name])
    found: nx.DiGraph[str] = nx.relabel_nodes(plain, names)
    found.graph.update(about)
    return found


# --- Mermaid ------------------------------------------------------------------------------------------


def mermaid(trace: Trace) -> str:
    """The graph as a flowchart in Mermaid's language: a column for each step and round, a node for each turn.

    Of what models wrote only the beginning of each answer stands there, in quotes; every sign in it that is no letter, digit,
    space or plain punctuation is written as its number, so that no text is taken for a directive, a link or a tag.
    """
    return "\n".join(_flowchart(trace)) + "\n"


def _flowchart(trace: Trace) -> Iterator[str]:
    columns: dict[tuple[str, int], list[str]] = {}
    for turn_id in trace:
        turn = trace.turn(turn_id)
        columns.setdefault((turn.step, turn.round) if turn else ("", 0), []).append(turn_id)
    yield "flowchart LR"
    for number, ((step, passed), turns) in enumerate(columns.items()):
        yield f'  subgraph c{number}["{label(step + (f" round {passed}" if passed else "") or "pending")}"]'
        for turn_id in turns:
            yield f'    t{trace.place(turn_id)}["{label(_said(turn_id, trace.turn(turn_id)))}"]'
        yield "  end"
    for one, other, edge in trace.edges(data=True):
        yield f"  t{trace.place(one)} -->|{edge['kind']}| t{trace.place(other)}"
    yield from _classes(trace)


def _classes(trace: Trace) -> Iterator[str]:
    """The looks of turns that failed, and of decisions."""
    yield "  classDef failed stroke-dasharray:4"
    yield "  classDef decision stroke-width:3px"
    for turn in trace.turns:
        if turn.status != "said":
            yield f"  class t{trace.place(turn.id)} failed"
        elif turn.decision is not None:
            yield f"  class t{trace.place(turn.id)} decision"


def _said(turn_id: str, turn: Turn | None) -> str:
    """What stands in a node: who, and what it came to."""
    if turn is None:
        return turn_id
    who = turn.seat or turn.verb
    if turn.decision is not None:
        return f"{who} = {one_line(turn.decision.winner or 'no winner', _LABEL)}"
    came = turn.answer.text if turn.answer else turn.verdict or (turn.failure.kind if turn.failure else turn.status)
    return f"{who} = {one_line(came, _LABEL)}"


def label(text: str) -> str:
    """A text that stands between quotes in Mermaid's language, and means nothing there."""
    line = one_line(text, 200)
    return "".join(sign if sign.isalnum() or sign in _PLAIN else f"#{ord(sign)};" for sign in line)
