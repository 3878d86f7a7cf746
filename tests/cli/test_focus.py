"""`--focus`, and the focus of a comparison; what `show` and the page say of who read what."""

from __future__ import annotations

import json
from pathlib import Path

from command import Cli
from loopback import Loopback

SAID = '1. The pump 7 weighs 49 kg.\\nIt says "The pump 7 weighs 49 kg".\\nAnswer: 49'.replace("\\n", chr(10))
TEXT = "\n\n".join(f"The pump {number} weighs {number * 7} kg.{' It rained all day.' * 40}" for number in range(12))


def test_a_document_is_read_in_parts(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """No request holds it whole; `show` and the page say who read what, and where an answer rests."""
    (home / "pumps.md").write_text(TEXT, encoding="utf-8")
    loopback.script = SAID
    ask = ("ask", "What does pump 7 weigh?", "--strategy", "self-consistency", "--seats", "3", "--answer", "number", *served)

    said = cli(*ask, "--file", "pumps.md", "--focus", "split", "--json")

    assert (said.status, said.json["answer"]) == (0, "49")
    assert all(TEXT not in str(seen.body["messages"]) for seen in loopback.seen)
    shown = cli("show", said.json["run"]).out
    assert "=== 0.read/seat-1/part-1" in shown
    assert "=== 0.read/dealt" in shown
    assert "part 1 of 3" in shown
    assert "word for word before seat-1" in shown
    assert "rests on pumps.md, characters " in shown
    cli("view", said.json["run"], "-o", "run.html")
    page = (home / "run.html").read_text(encoding="utf-8")
    assert "word for word before seat-1" in page
    assert "rests on" in page
    assert "every turn came out the same" in cli("replay", said.json["run"]).out


def test_a_comparison_switches_it(cli: Cli, loopback: Loopback) -> None:
    """As a parameter of any recipe; the estimate counts the calls of readers, and calls nobody."""
    row = {"question": "What does pump 7 weigh?", "gold": "49", "kind": "number", "documents": [{"name": "p.md", "text": TEXT}]}
    Path("q.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    arms = ",".join(f"self-consistency:seats=3,focus={mode}" for mode in ("full", "digest", "split"))
    asked = ("compare", "--no-baselines", "--base-url", loopback.url, "--model", "m", "--questions", "q.jsonl", "--json")

    said = cli(*asked, "--strategies", arms, "--dry-run")

    assert said.status == 0, said.err
    assert [3, 6, 6] == [one["calls"][0] for one in said.json["strategies"]]
    assert [] == loopback.seen
