"""An open answer on the screen, in a file, in Markdown and as JSON; and any outcome in these forms."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claiming import Claiming, a_claim, composing
from command import Cli
from contemplate.catalogue.recipe import dump
from contemplate.steps import PROTOCOLS
from loopback import Loopback, Seen

TABLE = (a_claim(1, "+++"), a_claim(2, "++-"), a_claim(3, "+--", "fell"), a_claim(4, "+-?", "disputed"))
ASKED = "Should we use PostgreSQL? Explain."
WRITTEN = "# Yes\n\nUse it. [1] It is safe. [2]\n\nIt sings."


def script(seen: Seen) -> str:
    """Three who propose, one who composes, one who checks all."""
    said = seen.body["messages"][-1]["content"]
    if "numbered claims about the problem" in said or "what a check found" in said:
        return WRITTEN
    return "1: yes\n2: no, it says more" if "numbered sentences of an answer" in said else "A proposal."


@pytest.fixture
def options(loopback: Loopback, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The options with which the question is answered by claims."""
    monkeypatch.setitem(PROTOCOLS, "claiming", Claiming)
    loopback.script = script
    (home / "open.yaml").write_text(dump(composing(*TABLE)), encoding="utf-8")
    return ("--strategy", "open.yaml", "--model", "m", "--base-url", loopback.url, "--ledger", "l.db")


def test_plain_lines(cli: Cli, options: tuple[str, ...]) -> None:
    """The answer in full, then the claims briefly, what is disputed, and the flags."""
    said = cli("ask", ASKED, *options)

    assert said.status == 0
    assert "\n\n# Yes\n\nUse it. It is safe.\n\nIt sings.\n\nconfidence: " in said.out
    for line in (
        "2.claiming/claims: 4 claims: 2 stand, 1 is disputed, 1 fell",
        "seats:       2 for, 1 against something in it",
        "dissent:     seat-3: [2]",
        "claims:      4 claims: 2 stand, 1 is disputed, 1 fell",
        "  [2]:       stands 0.80, 2 for, 1 against: Fact number 2 holds.",
        "disputed:    [4] Fact number 4 holds.; for: seat-1 (reason 1); against: seat-2 (reason 2)",
        'flag:        "It is safe.": does not follow from its claims: it says more',
        'flag:        "It sings.": rests on no claim',
    ):
        assert f"\n{line}\n" in said.out
    assert "\nvotes: " not in said.out


def test_json(cli: Cli, options: tuple[str, ...]) -> None:
    """Claims and sentences stand in it; `--format json` is `--json`."""
    one, other = cli("ask", ASKED, *options, "--json").json, cli("ask", ASKED, *options, "--format", "json").json

    assert [claim["state"] for claim in one["claims"]] == ["stands", "stands", "fell", "disputed"]
    assert one["sentences"][1] == {"text": "Use it.", "claims": ["1"], "by_words": False, "flags": []}
    assert (one["left_out"], one["flags"]) == ([], [])
    volatile = {"run": "", "usage": {}}
    assert {**one, **volatile} == {**other, **volatile}


def test_markdown(cli: Cli, options: tuple[str, ...]) -> None:
    """The page and nothing else on standard output; the same from the ledger and from a trace file."""
    said = cli("ask", ASKED, *options, "--format", "markdown", "--trace", "t.jsonl")
    run = said.out.rpartition("- run: ")[2].split(" ")[0].replace("\\", "")

    assert said.out.startswith("# Yes\n\nUse it. [1] It is safe. [2][^1]\n\nIt sings. [^2]\n\n## Where the panel disagrees\n")
    assert said.out == cli("show", run, "--ledger", "l.db", "--format", "markdown").out
    assert said.out == cli("show", "--trace", "t.jsonl", "--format", "markdown").out


def test_show(cli: Cli, options: tuple[str, ...]) -> None:
    """Each claim at the turn that found it, and the answer in full at the end."""
    run = cli("ask", ASKED, *options, "--json").json["run"]
    said = cli("show", run, "--ledger", "l.db")

    assert "\n[4] disputed 0.50: Fact number 4 holds. (for: seat-1; against: seat-2)\n    why 4\n" in said.out
    assert "\ncomposition: # Yes Use it. It is safe. It sings. (2 for, 1 against)\n" in said.out
    assert "\n4 sentences, 2 with flags, written twice\n" in said.out
    assert ", completed):\n\n# Yes\n\nUse it. It is safe.\n\nIt sings.\n\n" in said.out
    assert '\nflag: "It sings.": rests on no claim\n' in said.out


def test_replay_and_resume(cli: Cli, options: tuple[str, ...]) -> None:
    """The sentences are there again."""
    first = cli("ask", ASKED, *options, "--json").json
    again = [cli(verb, first["run"], "--ledger", "l.db", "--json").json for verb in ("replay", "resume")]

    assert again[0]["identical"]
    assert [one["sentences"] for one in again] == [first["sentences"]] * 2


@pytest.mark.parametrize(
    ("name", "words", "begins"),
    [
        ("a.md", (), "# Yes\n\nUse it. [1]"),
        ("a.json", (), '{"answer": "# Yes'),
        ("a.txt", (), "# Yes\n\nUse it. It is safe."),
        ("a.md", ("--format", "text"), "# Yes\n\nUse it. It is safe."),
        ("a", ("--json",), '{"answer": "# Yes'),
    ],
)
def test_output(cli: Cli, options: tuple[str, ...], name: str, words: tuple[str, ...], begins: str) -> None:
    """A file has the form that was said, or that its name says; what is on the screen stays."""
    said = cli("ask", ASKED, *options, *words, "-o", name)

    assert said.status == 0
    assert Path(name).read_text(encoding="utf-8").startswith(begins)
    assert ("answer" in said.json) if "--json" in words else ("\nconfidence: " in said.out)
    assert [file.name for file in Path().iterdir() if file.name.endswith(".part")] == []


def test_any_outcome_has_these_forms(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """A short answer with its votes."""
    loopback.script = "Answer: a_b"
    said = cli("ask", "What is 6 * 7?", *served, "--strategy", "self-consistency", "--answer", "text", "--format", "markdown")

    assert said.out.startswith("a\\_b\n\n## Votes\n\n| answer | votes | seats |\n|---|--:|---|\n| a\\_b | 5 | seat-1, ")
    assert "## Claims" not in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-o", "folder"), "--output folder: is a folder"),
        (("-o", "none/a.md"), "--output none/a.md: its folder does not exist"),
        (("-o", "there.md"), "--output there.md: is there already; name another file, or add --overwrite"),
        (("-o", "l.db"), "--output l.db: is a database, perhaps your ledger, and would be overwritten; name another file"),
        (("-o", "l.db", "--overwrite"), "--output l.db: is a database"),
        (("-o", "pipe"), "--output pipe: is no regular file"),
        (("--json", "--format", "markdown"), "--json and --format markdown: give one of them"),
    ],
)
def test_what_is_refused(cli: Cli, served: tuple[str, ...], loopback: Loopback, words: tuple[str, ...], told: str) -> None:
    """In one line, before anything is asked; what is there stays as it is."""
    Path("folder").mkdir()
    Path("there.md").write_text("mine", encoding="utf-8")
    Path("l.db").write_bytes(b"SQLite format 3\0 and more")
    os.mkfifo("pipe")
    said = cli("ask", "q", *served, *words)

    assert (said.status, said.out, loopback.seen) == (2, "", [])
    assert told in said.err
    assert Path("there.md").read_text(encoding="utf-8") == "mine"
    assert Path("l.db").read_bytes() == b"SQLite format 3\0 and more"


def test_a_file_is_overwritten_where_that_is_said(cli: Cli, served: tuple[str, ...]) -> None:
    """Whole, also through a link."""
    Path("there.md").write_text("mine", encoding="utf-8")
    Path("link.md").symlink_to("there.md")
    said = cli("ask", "q", *served, "-o", "link.md", "--overwrite")

    assert said.status == 0
    assert Path("link.md").is_symlink()
    assert "## How it came about" in Path("there.md").read_text(encoding="utf-8")


def test_a_file_that_came_meanwhile_is_left(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """The run is kept, and the line says how its outcome is had."""

    def comes(_: Seen) -> str:
        Path("a.md").write_text("theirs", encoding="utf-8")
        return "Answer: 1"

    loopback.script = comes
    said = cli("ask", "q", *served, "-o", "a.md")

    assert said.status == 2
    assert "--output a.md: can't be written (there is a file by now); the run is kept, and contemplate show " in said.err
    assert Path("a.md").read_text(encoding="utf-8") == "theirs"


def test_show_in_markdown_is_for_runs(cli: Cli) -> None:
    """And for nothing else."""
    said = cli("show", "plurality", "--format", "markdown")
    assert (said.status, said.err) == (2, "contemplate: --format markdown: plurality is no run\n")


def test_a_stored_outcome_is_read_as_json(cli: Cli, options: tuple[str, ...]) -> None:
    """What the ledger keeps is what was printed."""
    printed = cli("ask", ASKED, *options, "--json").json
    stored = json.loads(cli("show", printed["run"], "--ledger", "l.db", "--json").out)["outcome"]
    assert stored == printed
