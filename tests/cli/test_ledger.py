"""`contemplate ledger`: a run repeated elsewhere without a call."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from command import Cli
from contemplate import Comparison, ScriptedBackend, compare, solve_sync


def _compare(plan: dict[str, Any], **options: Any) -> Comparison:
    return anyio.run(partial(compare, plan, **options))


def test_a_run_is_repeated_elsewhere_without_a_call(tmp_path: Path, cli: Cli) -> None:
    """What it read travels, and nothing else; keys of providers are in no reply."""
    mine, theirs, file = (str(tmp_path / name) for name in ("mine.db", "theirs.db", "replies.jsonl.gz"))
    backend = ScriptedBackend(lambda request: f"Answer: {request.draw % 2}")
    first = solve_sync("What is 1 + 1?", "self-consistency", backend=backend, ledger=mine, answer="number")
    solve_sync("What is 2 + 2?", "single", backend=backend, ledger=mine, answer="number")
    done = cli("ledger", "export", file, "--run", first.run, "--ledger", mine)
    assert (done.status, done.out) == (0, f"exported 5 replies to {file}\n")
    done = cli("ledger", "import", file, "--ledger", theirs, "--json")
    assert done.json == {"imported": 5, "known": 0}
    silent = ScriptedBackend([])
    again = solve_sync("What is 1 + 1?", "self-consistency", backend=silent, ledger=theirs, answer="number")
    assert (again.answer, again.usage.calls, again.usage.cached_calls, silent.requests) == (first.answer, 0, 5, [])


def test_an_experiment_is_repeated_elsewhere_without_a_call(tmp_path: Path, cli: Cli) -> None:
    """What all its runs read."""
    plan = {"strategies": ["self-consistency"], "questions": "builtin:arithmetic?level=1&size=3", "models": "m"}
    backend = ScriptedBackend(lambda request: f"Answer: {request.draw}")
    mine, file = tmp_path / "mine.db", tmp_path / "replies.jsonl"
    _compare(plan, backend=backend, ledger=mine, out=tmp_path / "out")
    done = cli("ledger", "export", str(file), "--experiment", str(tmp_path / "out"), "--ledger", str(mine))
    assert done.status == 0, done.err
    secret = json.loads((tmp_path / "out" / "experiment.json").read_text(encoding="utf-8"))["secret"]
    assert f'secret: "{secret}"\n' in done.err
    cli("ledger", "import", str(file), "--ledger", str(tmp_path / "theirs.db"))
    silent = ScriptedBackend([])
    again = _compare(plan, backend=silent, ledger=tmp_path / "theirs.db", out=tmp_path / "again")
    assert silent.requests == []
    assert (
        again.standing("self-consistency").accuracy
        == _compare(plan, backend=backend, ledger=mine).standing("self-consistency").accuracy
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "x.jsonl", "--ledger", "none.db"), "none.db: no such file"),
        (("import", "x.jsonl", "--ledger", "new.db"), "x.jsonl: it can't be read (No such file or directory)"),
        (("import", "x.jsonl", "--run", "abcd", "--ledger", "new.db"), "import takes all of a file"),
        (("export", "x.jsonl", "--experiment", ".", "--ledger", "there.db"), ".: there is no experiment in it"),
        (("export", "x.jsonl", "--run", "nobody", "--ledger", "there.db"), "nobody"),
        (("export", ".", "--ledger", "there.db"), ".: it is a folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """And nothing is made."""
    monkeypatch.chdir(tmp_path)
    solve_sync("1 + 1?", "single", backend=ScriptedBackend(["Answer: 2"]), ledger="there.db", answer="number")
    done = cli("ledger", *arguments)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert message in done.err
    assert not (tmp_path / "x.jsonl").exists()
