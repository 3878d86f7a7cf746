"""`contemplate audit-steps`."""

from __future__ import annotations

from command import Cli
from loopback import Loopback, Seen


def test_a_run_is_audited(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """A row for each reply, the wrong step in words, and where the critiques are."""

    def script(seen: Seen) -> str:
        critic = "Go through the steps" in str(seen.body["messages"])
        return "First wrong step: 2" if critic else "1. 6 * 7 = 44.\n2. \x1b[31mSo it is.\nAnswer: 44"

    loopback.script = script
    run = cli("ask", "q", *served, "--strategy", "single", "--answer", "number", "--json").json["run"]
    made = len(loopback.seen)
    alone = cli("audit-steps", run, "--critics", "0")
    assert alone.status == 0
    assert len(loopback.seen) == made
    assert "1.propose/seat-1, step 1: 6 * 7 = 44.\n  6 * 7 is 42, not 44" in alone.out

    said = cli("audit-steps", run, "--no-check")
    assert len(loopback.seen) == made + 1
    assert "1.propose/seat-1, step 2: So it is." in said.out
    assert "\x1b[31m" not in said.out
    assert "\nthe critiques: contemplate show " in said.out
    assert "finds it flawed (step 2)" in cli("show", "last").out
    row = cli("audit-steps", run, "--json").json["rows"][0]
    assert (row["first_wrong_step"], row["by"], row["marks"][0]["step"]) == (1, ["arithmetic"], 2)
