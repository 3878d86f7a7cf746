"""Two servers in one panel, from the command line and from `contemplate.toml`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loopback import Loopback

Cli = Callable[..., Any]
VOTE = ("--strategy", "self-consistency", "--set", "seats=4", "--answer", "number", "--json")


@pytest.fixture
def servers() -> Iterator[tuple[Loopback, Loopback]]:
    """A server that answers 1, and one that answers 2."""
    with Loopback("Answer: 1") as left, Loopback("Answer: 2") as right:
        yield left, right


def test_models_with_addresses(cli: Cli, servers: tuple[Loopback, Loopback]) -> None:
    """`NAME@URL` and `LABEL=NAME@URL`; what was done is shown, and done again without a call."""
    left, right = servers
    said = cli("ask", "1?", "--model", f"m@{left.url}", "--model", f"other=m@{right.url}", *VOTE)

    assert (said.status, ["m", "other"]) == (0, said.json["models"])
    assert [["m", "m"], ["m", "m"]] == [[seen.body["model"] for seen in one.seen] for one in servers]
    replayed = cli("replay", said.json["run"], "--json")
    assert (0, True) == (replayed.status, replayed.json["identical"])
    assert 0 == cli("resume", said.json["run"], "--json").status
    assert [2, 2] == [len(one.seen) for one in servers]


def test_the_same_name_twice(cli: Cli, servers: tuple[Loopback, Loopback]) -> None:
    """One line says how to write it."""
    left, right = servers
    said = cli("ask", "1?", "--model", f"m@{left.url}", "--model", f"m@{right.url}", *VOTE)
    assert (2, "", 1) == (said.status, said.out, said.err.count("\n"))
    assert f"other=m@{right.url}" in said.err


def test_models_of_the_settings(
    cli: Cli, servers: tuple[Loopback, Loopback], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its address and the variable of its key; a key is sent to its own server alone, and the run is gone on with."""
    left, right = servers
    (home / "mine").mkdir()
    (home / "mine" / "contemplate.toml").write_text(
        f'models = ["left", "right"]\n'
        f'[model.left]\nname = "m"\nbase_url = "{left.url}"\nkey_variable = "LEFT_KEY"\n'
        f'[model.right]\nname = "m"\nbase_url = "{right.url}"\n'
    )
    project = ("--project", "mine", "--ledger", "l.db")
    missing = cli("ask", "1?", *project, *VOTE)
    monkeypatch.setenv("LEFT_KEY", "left-key-0123456789")
    said = cli("ask", "1?", *project, *VOTE)

    assert (2, True) == (missing.status, "LEFT_KEY" in missing.err)
    assert (0, ["left", "right"]) == (said.status, said.json["models"])
    assert [["left-key-0123456789"] * 2, ["", ""]] == [[seen.key for seen in one.seen] for one in servers]
    assert b"left-key-0123456789" not in b"".join(file.read_bytes() for file in home.glob("l.db*"))
    assert 0 == cli("resume", said.json["run"], *project, "--json").status
    assert 0 == cli("replay", said.json["run"], *project, "--json").status


def test_a_key_in_the_settings(cli: Cli, home: Path) -> None:
    """Refused with file and field, and not shown."""
    (home / "mine").mkdir()
    (home / "mine" / "contemplate.toml").write_text('[model.a]\nkey = "correct-horse-battery"\n')
    said = cli("check", "mine/contemplate.toml")
    asked = cli("ask", "1?", "--project", "mine")
    for one in (said, asked):
        assert 2 == one.status
        assert "model.a: a key does not belong in a file" in one.out + one.err
        assert "correct-horse" not in one.out + one.err


def test_doctor_looks_at_each_server(cli: Cli, servers: tuple[Loopback, Loopback], home: Path) -> None:
    """Those of single models as well."""
    left, _ = servers
    (home / "mine").mkdir()
    (home / "mine" / "contemplate.toml").write_text(
        f'models = ["far@http://127.0.0.1:9/v1"]\n[model.near]\nbase_url = "{left.url}"\n'
    )
    said = cli("doctor", "--project", "mine", "--json")
    found = {row["name"]: row["state"] for row in said.json}
    assert {"server of near": "ok", "server of far": "bad"} == {
        name: found[name] for name in found if name.startswith("server of")
    }
