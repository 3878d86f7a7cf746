"""`contemplate view`: which run, where to, and what is said when that can't be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from command import Cli, Started
from loopback import Loopback


@pytest.fixture
def run(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> str:
    """A run in the user's own ledger."""
    loopback.script = "Answer: 42"
    return str(cli("ask", "6 * 7?", *served, "--strategy", "self-consistency", "--seats", "3", "--json").json["run"])


def test_a_page_is_written(cli: Cli, run: str, home: Path) -> None:
    """To the file named, or to one named after the run; the beginning of an id does, and so does "last"."""
    said = cli("view", run, "-o", "page.html")
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(r"wrote page\.html: 4 turns, 0\.\d MB\n", said.out)
    assert "6 * 7?" in (home / "page.html").read_text(encoding="utf-8")

    assert cli("view", run[:-2]).status == 0
    assert (home / f"{run}.html").read_bytes() == (home / "page.html").read_bytes()
    told = cli("view", "last", "-o", "other.html", "--json").json
    assert told == {"file": "other.html", "turns": 4, "bytes": (home / "other.html").stat().st_size}


def test_a_trace_file_does(cli: Cli, run: str, home: Path) -> None:
    """Its page has no prompts, and says where they are."""
    assert cli("replay", run, "--trace", "run.jsonl").status == 0
    assert cli("view", "--trace", "run.jsonl", "-o", "page.html").status == 0
    assert "made from a trace file" in (home / "page.html").read_text(encoding="utf-8")


def test_it_is_opened(cli: Cli, run: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the browser of this machine; where there is none it says so, and the page is written all the same."""
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: asked.append(address) or len(asked) == 1)

    assert cli("view", run, "-o", "page.html", "--open").status == 0
    assert asked == [(home / "page.html").as_uri()]
    said = cli("view", run, "-o", "second.html", "--open")
    assert (said.status, said.err) == (
        2,
        "contemplate: --open: there is no browser here that could be started; open second.html yourself\n",
    )
    assert (home / "second.html").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "view a run (its id, or 'last'), or the run in a trace file (--trace FILE); contemplate list runs names them"),
        (
            ("RUN", "--trace", "x.jsonl"),
            "view a run (its id, or 'last'), or the run in a trace file (--trace FILE); not both at once",
        ),
        (("--trace", "none.jsonl"), "none.jsonl can't be read: No such file or directory"),
        (("RUN", "-o", "there.html"), "--output there.html: is there already; name another file, or add --overwrite"),
        (("RUN", "-o", "folder"), "--output folder: is a folder"),
        (("RUN", "-o", "none/page.html"), "--output none/page.html: its folder does not exist"),
        (("RUN", "-o", "/proc/page.html"), "--output /proc/page.html: can't be written (No such file or directory)"),
        (("2026", "--ledger", "none.db"), "--ledger none.db: no such file"),
    ],
)
def test_bad_input(cli: Cli, run: str, home: Path, arguments: tuple[str, ...], told: str) -> None:
    """One line, and nothing is written."""
    (home / "there.html").write_text("mine")
    (home / "folder").mkdir()
    said = cli("view", *(run if word == "RUN" else word for word in arguments))

    assert (said.status, said.out, said.err) == (2, "", f"contemplate: {told}\n")
    assert (home / "there.html").read_text() == "mine"
    assert [file.name for file in home.glob("*.html")] == ["there.html"]


def test_overwrite(cli: Cli, run: str, home: Path) -> None:
    """Where it was said."""
    (home / "page.html").write_text("mine")
    assert cli("view", run, "-o", "page.html", "--overwrite").status == 0
    assert "mine" != (home / "page.html").read_text(encoding="utf-8")


def test_an_unknown_run(cli: Cli, run: str) -> None:
    """The nearest ones are named."""
    near = f"{run[:-1]}{'0' if run[-1] != '0' else '1'}"
    said = cli("view", near)
    assert (said.status, said.err) == (2, f"contemplate: no run called {near!r}; did you mean {run!r}? (contemplate list runs)\n")


def test_no_ledger_yet(cli: Cli, home: Path) -> None:
    """Says so, and makes none."""
    said = cli("view", "last")
    assert (said.status, said.out) == (2, "")
    assert "no run 'last': there is no ledger at" in said.err
    assert list(home.glob("**/*.db")) == []


def test_an_id_that_is_no_name_of_a_file(cli: Cli, run: str, home: Path) -> None:
    """A trace file may call its run anything; the page is written where that was said, and nowhere else."""
    assert cli("replay", run, "--trace", "run.jsonl").status == 0
    lines = (home / "run.jsonl").read_text().replace(f'"run": "{run}"', '"run": "../up"').splitlines()
    last = {name: value for name, value in json.loads(lines[-1]).items() if name != "digests"}  # as earlier versions wrote it
    (home / "evil.jsonl").write_text("\n".join([*lines[:-1], json.dumps(last), ""]))
    said = cli("view", "--trace", "evil.jsonl")
    assert (said.status, said.err) == (2, "contemplate: the run's id '../up' makes no name of a file; name one with -o FILE\n")


def test_a_run_that_goes_on_is_followed(
    cli: Cli, started: Started, served: tuple[str, ...], loopback: Loopback, home: Path, wait_for: Callable[..., None]
) -> None:
    """The page is written anew when there is more, says that it is live, and stands still when the run is over."""
    loopback.script = lambda seen: "Answer: 42" if seen.place < 3 else loopback.reply(hang=True)
    process = started("ask", "6 * 7?", *served, "--strategy", "multiagent-debate")
    wait_for(lambda: len(loopback.seen) >= 6)
    process.kill()
    page = started("view", "last", "-o", "page.html", "--live")
    wait_for((home / "page.html").exists)
    first = (home / "page.html").read_text(encoding="utf-8")
    loopback.script = "Answer: 42"
    assert cli("resume", cli("list", "runs", "--json").json[0]["run"]).status == 0
    told, _ = page.communicate(timeout=30)

    assert '"live":true' in first
    assert "No outcome yet: it goes on." in first
    assert told == f"wrote page.html: 8 turns, {(home / 'page.html').stat().st_size / 1e6:.1f} MB\n"
    assert '"live":false' in (home / "page.html").read_text(encoding="utf-8")


def test_live_and_a_trace_file(cli: Cli) -> None:
    """Nothing goes on in it."""
    said = cli("view", "--trace", "run.jsonl", "--live")
    assert (said.status, said.err) == (
        2,
        "contemplate: --live follows a run in the ledger, and a trace file is of one that is over\n",
    )


def test_beside_and_a_trace_file(cli: Cli) -> None:
    """What differs is worked out from the ledger."""
    said = cli("view", "--trace", "run.jsonl", "--beside", "last")
    assert (said.status, said.err) == (2, "contemplate: --beside shows two runs of the ledger; not with --trace or --live\n")


def test_beside_no_such_run(cli: Cli, run: str) -> None:
    """Which one is not there is said."""
    said = cli("view", run, "--beside", "20010101-000000-abcdef")
    assert said.status == 2
    assert said.err.startswith("contemplate: no run called '20010101-000000-abcdef'")


def test_a_damaged_trace_file_has_a_page_that_says_so(cli: Cli, run: str, home: Path) -> None:
    """Only with `--partial`."""
    assert cli("replay", run, "--trace", "run.jsonl").status == 0
    lines = (home / "run.jsonl").read_text(encoding="utf-8").splitlines()
    (home / "run.jsonl").write_text("\n".join([*lines[:3], lines[3][:50]]), encoding="utf-8")

    refused = cli("view", "--trace", "run.jsonl", "-o", "page.html")
    assert refused.status == 2
    assert "run.jsonl:4: no JSON object" in refused.err
    assert refused.err.endswith("(--partial opens what is whole)\n")
    told = cli("view", "--trace", "run.jsonl", "-o", "page.html", "--partial", "--json").json
    assert told["turns"] == 2
    assert told["missing"][0].startswith("line 4: left out: no JSON object")
    page = (home / "page.html").read_text(encoding="utf-8")
    assert "missing from the file" in page
    assert "line 4: left out" in page
