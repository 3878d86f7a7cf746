"""A trace in the files that graphs are kept in."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable

import networkx as nx
import pytest

from contemplate import Outcome, ScriptedBackend, solve_sync

STRATEGIES = ["single", "self-consistency", "contemplating", "multiagent-debate"]


def outcome_of(strategy: str, text: str = "It is so.\nAnswer: 42") -> Outcome[object]:
    """A run of a strategy."""
    return solve_sync("6 * 7?", strategy, backend=ScriptedBackend(lambda _: text), ledger=":memory:", answer="number")


def _graphml(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    file = io.BytesIO()
    nx.write_graphml(graph, file)
    file.seek(0)
    return nx.read_graphml(file)


def _gexf(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    file = io.BytesIO()
    nx.write_gexf(graph, file)
    file.seek(0)
    return nx.read_gexf(file)


def _json(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    return nx.node_link_graph(json.loads(json.dumps(nx.node_link_data(graph, edges="edges"))), edges="edges")


@pytest.mark.parametrize("there_and_back", [_graphml, _gexf, _json], ids=["graphml", "gexf", "json"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_written_and_read(strategy: str, there_and_back: Callable[[nx.DiGraph[str]], nx.DiGraph[str]]) -> None:
    """Nodes, edges and what was said come back."""
    graph = outcome_of(strategy).trace.graph()
    found = there_and_back(graph)

    assert set(found.nodes) == set(graph.nodes)
    assert {(*edge, found.edges[edge]["kind"]) for edge in found.edges} == {
        (*edge, graph.edges[edge]["kind"]) for edge in graph.edges
    }
    assert [found.nodes[name].get("text") or "" for name in graph] == [graph.nodes[name].get("text", "") for name in graph]


@pytest.mark.parametrize("said", ["nul \0 bell \a", "escape \x1b[31m", "half \ud800", "not \uffff", "<a & b>", ""])
def test_what_xml_can_not_hold(said: str) -> None:
    """Characters that no XML file may have are left out."""
    graph = outcome_of("single", f"{said}\nAnswer: 42").trace.graph()

    assert set(_graphml(graph).nodes) == set(graph.nodes)


def test_all_are_scalars() -> None:
    """Texts and numbers, and no values of ours; nothing stands for what is not there."""
    graph = outcome_of("contemplating").trace.graph()
    kinds = {type(value) for _, node in graph.nodes(data=True) for value in node.values()}

    assert kinds <= {str, int, float, bool}
    assert {"verb", "seat", "model", "answer", "value", "prompt_tokens"} <= set(graph.nodes["1.gather/seat-1"])


def test_the_trace_is_a_graph_as_ever() -> None:
    """What networkx keeps of a graph as a whole stays where it was, and copies have it too."""
    trace = outcome_of("self-consistency").trace
    trace.graph["name"] = "mine"
    copied = copy.deepcopy(trace)

    assert (trace.graph, trace.name, copied.graph) == ({"name": "mine"}, "mine", {"name": "mine"})
    assert set(copied.graph().nodes) == set(trace.nodes)
    assert set(trace.copy().nodes) == set(trace.nodes)
    assert nx.is_directed_acyclic_graph(trace.subgraph(list(trace)[:2]))
