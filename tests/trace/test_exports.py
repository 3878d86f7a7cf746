"""Each export is read back, and what models wrote means nothing in any of them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from contemplate import InputError, Outcome, ScriptedBackend, solve_sync
from contemplate.errors import UnknownNameError
from contemplate.trace import Trace, TraceFile
from contemplate.trace.exports import export, label
from contemplate.types import Question, Turn

HOSTILE = (
    "</script><script>alert(1)</script> ]]> <!-- & \" ' ` \0\x1b[31m\ud800\uffff\u202e %%{init: {}}%% end\n"
    'click t0 href javascript:alert(1)\nAnswer: 4;2 "#quot; <b>'
)


def run_of(reply: str = HOSTILE, strategy: str = "multiagent-debate") -> Outcome[object]:
    """A debate in which all say the same."""
    backend = ScriptedBackend(lambda _: reply)
    asked = HOSTILE.replace("\0", "").replace("\ud800", "")
    return solve_sync(Question(text=f"Why? {asked}", kind="text"), strategy, backend=backend, ledger=":memory:")


def written(outcome: Outcome[object], form: str) -> str:
    """The export of a run."""
    return export(outcome.trace, outcome.head, outcome.to_dict(), form)


# --- JSON Lines ---------------------------------------------------------------------------------------


def test_json_lines_are_a_trace_file(tmp_path: Path) -> None:
    """As `write_trace` writes it."""
    outcome, one, other = run_of(), tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    one.write_text(written(outcome, "jsonl"), encoding="utf-8")
    outcome.write_trace(other)

    assert one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")
    assert outcome.trace.canonical() == TraceFile.read(one).trace.canonical()


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_file_that_was_tampered_with_is_refused_at_its_line(tmp_path: Path, number: int) -> None:
    """A word was put in somebody's mouth: the question, a reply, or the answer."""
    file = tmp_path / "trace.jsonl"
    run_of("So it is.\nAnswer: rome", "self-consistency").write_trace(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    changed = lines[number].replace("Why?", "How?") if number == 0 else lines[number].replace("rome", "oslo")
    assert changed != lines[number]
    lines[number] = changed
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    with pytest.raises(InputError, match=rf"trace.jsonl:{number % len(lines) + 1}: changed since it was written"):
        Trace.read(file)


def test_a_turn_that_was_taken_out_is_missed(tmp_path: Path) -> None:
    """Also where nobody had read it; and other line ends are no change."""
    file = tmp_path / "trace.jsonl"
    run_of("Answer: 4", "self-consistency").write_trace(file)
    text = file.read_text(encoding="utf-8")
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert 6 == len(Trace.read(file).turns)

    lines = [line for line in text.splitlines() if '"1.propose/seat-5", "step"' not in line]
    lines[-2] = lines[-2].replace('["1.propose/seat-5", "counted"]', "").replace(", ]", "]")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"trace.jsonl:6: changed since it was written"):
        Trace.read(file)


def test_a_run_that_is_not_over_is_no_trace_file() -> None:
    """It would be taken for one that was cut off; the other forms take what there is."""
    outcome = run_of()

    with pytest.raises(InputError, match="go on with it first"):
        export(outcome.trace, outcome.head, None, "jsonl")
    for form in ("node-link", "graphml", "mermaid"):
        assert export(outcome.trace, outcome.head, None, form)


def test_forms_are_known() -> None:
    """The nearest one is named."""
    with pytest.raises(UnknownNameError, match="did you mean 'graphml'"):
        written(run_of(), "graphxml")


# --- graphs -------------------------------------------------------------------------------------------


def edges_of(graph: nx.DiGraph[str]) -> set[tuple[str, str, str]]:
    """All edges, with how each turn saw the other."""
    return set(graph.edges(data="kind"))


def test_node_link_json_is_read_back() -> None:
    """Nodes, edges, and what was said."""
    outcome = run_of()
    found = nx.node_link_graph(json.loads(written(outcome, "node-link")), edges="edges")

    assert edges_of(outcome.trace) == edges_of(found)
    assert dict(outcome.trace.graph().nodes(data=True)) == dict(found.nodes(data=True))
    assert (outcome.run, "completed") == (found.graph["run"], found.graph["stopped"])


def test_graphml_is_read_back() -> None:
    """Nodes, edges, and what was said, less what XML can't hold."""
    outcome = run_of()
    text = written(outcome, "graphml")
    found = nx.read_graphml(io.BytesIO(text.encode()))
    elements = {element.tag.rpartition("}")[2] for element in ET.fromstring(text).iter()}  # noqa: S314 - ours

    assert {"graphml", "graph", "node", "edge", "data", "key"} == elements
    assert edges_of(outcome.trace) == edges_of(found)
    assert [node["text"] for node in outcome.trace.graph().nodes.values() if "text" in node] == [
        node["text"] for node in found.nodes.values() if "text" in node
    ]
    assert outcome.run == found.graph["run"]


def test_ids_that_no_xml_can_hold_stay_apart() -> None:
    """A trace file may have been written by anybody."""
    turns = [Turn(id=f"1.x/seat-1{mark}", step="1.x", verb="x", seat="seat-1") for mark in ("", "\0", "\x1b")]
    trace = Trace.of([(turns[0], ()), (turns[1], ((turns[0].id, "saw"),)), (turns[2], ((turns[1].id, "saw"),))])
    found = nx.read_graphml(io.BytesIO(export(trace, {}, None, "graphml").encode()))

    assert ["1.x/seat-1", "1.x/seat-1 (1)", "1.x/seat-1 (2)"] == list(found)
    assert [("1.x/seat-1", "1.x/seat-1 (1)"), ("1.x/seat-1 (1)", "1.x/seat-1 (2)")] == list(found.edges)


# --- Mermaid ------------------------------------------------------------------------------------------

WORDS = r"\[\"((?:[\w .,+\-=/()']|#\d+;)*)\"\]"
GRAMMAR = re.compile(
    rf"flowchart LR\n(?:  subgraph c\d+{WORDS}\n(?:    t\d+{WORDS}\n)+  end\n)+"
    r"(?:  t\d+ -->\|(?:saw|revised|criticised|counted)\| t\d+\n)*"
    r"  classDef failed stroke-dasharray:4\n  classDef decision stroke-width:3px\n(?:  class t\d+ (?:failed|decision)\n)*"
)


def test_mermaid_is_read_back() -> None:
    """A column for each round, a node for each turn, an edge for each that was seen; nothing else stands there."""
    outcome = run_of()
    text = written(outcome, "mermaid")
    nodes = re.findall(rf"^    t(\d+){WORDS}$", text, re.MULTILINE)
    edges = re.findall(r"^  t(\d+) -->\|(\w+)\| t(\d+)$", text, re.MULTILINE)
    trace = outcome.trace

    assert GRAMMAR.fullmatch(text)
    assert [str(trace.place(turn)) for turn in trace] == [place for place, _ in nodes]
    assert {(str(trace.place(one)), kind, str(trace.place(other))) for one, other, kind in edges_of(trace)} == {
        (one, kind, other) for one, kind, other in edges
    }
    assert nodes[0][1].startswith("seat-1 = 4#59;2 #34;#35;quot#59; #60;b#62;")


@pytest.mark.parametrize("said", [HOSTILE, "a\nb", "%%{init}%%", "`x`", "日本", "style a: b#c"])
def test_labels_come_back(said: str) -> None:
    """Each sign that could mean something is its number."""
    written_as = label(said)

    assert re.fullmatch(r"(?:[\w .,+\-=/()']|#\d+;)*", written_as)
    assert label(re.sub(r"#(\d+);", lambda found: chr(int(found[1])), written_as)) == written_as
