"""Calls of tools under a policy: refused or rewritten before anything is called, on record, and the same in a replay."""

from __future__ import annotations

from contemplate import Orchestrator
from contemplate.policy.rules import Policy, Rule, When
from tool_users import QUESTION, call, calling, replayed, uses

CAREFUL = Policy(
    name="careful",
    version="1",
    rules=(
        Rule(id="no-files", reason="files stay as they are", effect="refuse", at=("tool",), when=When(tool=("remove",))),
        Rule(id="no-names", reason="names stay here", effect="rewrite", at=("tool",), when=When(text=("Alice",)), put="[a name]"),
    ),
)


async def test_a_call_is_refused_or_rewritten() -> None:
    """The agent is told why; the tool gets what the policy leaves; each ruling is on the turn."""
    got: list[str] = []

    def remove(name: str) -> str:
        """Remove a file."""
        got.append(f"removed {name}")
        return "done"

    def look_up(name: str) -> str:
        """Look a name up."""
        got.append(f"looked up {name}")
        return "nobody"

    backend = calling(call("remove", '{"name": "notes.md"}'), call("look_up", '{"name": "Alice"}'))
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(QUESTION, "single", tools=[remove, look_up], policy=CAREFUL)
        await replayed(orchestrator, outcome)

    assert ["looked up [a name]"] == got
    assert [("remove", "denied"), ("look_up", None)] == [(use.tool, use.failed) for use in uses(outcome)]
    assert "files stay as they are" in (uses(outcome)[0].error or "")
    turn = outcome.trace.turn("1.propose/seat-1")
    assert turn is not None
    assert [("no-files", "tool"), ("no-names", "tool")] == [(ruling.rule, ruling.stage) for ruling in turn.policy]
    assert "391" == outcome.answer
