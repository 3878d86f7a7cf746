"""`contemplate ask --file ... --system ...`, and what `show` says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback
from pdfs import a_pdf

ASK = ("ask", "Which pump is red?", "--strategy", "single", "--answer", "text")


def test_files_and_a_system_prompt(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """They reach the model, the stored run shows them by name and digest, and the run replays."""
    (home / "notes.md").write_text("The left pump is red.", encoding="utf-8")
    (home / "more.txt").write_text("It has two valves.", encoding="utf-8")
    (home / "system.txt").write_text("Answer in\none word.", encoding="utf-8")

    said = cli(*ASK, *served, "--file", "notes.md", "--file", "more.txt", "--system", "@system.txt", "--json")
    run = said.json["run"]

    assert said.status == 0
    system, user = loopback.seen[0].body["messages"]
    assert system == {"role": "system", "content": "Answer in\none word."}
    assert user["content"].index("The left pump is red.") < user["content"].index("It has two valves.")
    shown = cli("show", run)
    assert "document notes.md: text/markdown, 21 characters, SHA-256 " in shown.out
    assert "system prompt: Answer in one word." in shown.out
    assert [one["name"] for one in cli("show", run, "--json").json["documents"]] == ["notes.md", "more.txt"]
    assert "- document more.txt: text/plain, 18 characters" in cli("show", run, "--format", "markdown").out
    assert "every turn came out the same" in cli("replay", run).out


def test_pdf(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """Its pages are numbered in what the model reads."""
    pytest.importorskip("pypdf")
    (home / "spec.pdf").write_bytes(a_pdf(["The left pump is red.", "It has two valves."]))

    said = cli(*ASK, *served, "--file", "spec.pdf", "--json")

    content = loopback.seen[0].body["messages"][0]["content"]
    assert "[page 1]\nThe left pump is red.\n\n[page 2]\nIt has two valves." in content
    assert "application/pdf, 41 characters, 2 pages" in cli("show", said.json["run"]).out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--file", "none.md"), "contemplate: none.md: no such file"),
        (("--file", "."), "contemplate: .: a folder, where a file was expected"),
        (("--file", "binary"), "contemplate: binary: neither UTF-8 text nor PDF"),
        (("--file", "empty"), "contemplate: empty: the file is empty"),
        (("--system", "@none.txt"), "contemplate: none.txt: no such file"),
        (("--system", ""), "contemplate: the system prompt is empty"),
    ],
)
def test_what_is_refused(
    cli: Cli, served: tuple[str, ...], home: Path, loopback: Loopback, more: tuple[str, ...], said: str
) -> None:
    """In one line, before anything is called."""
    (home / "binary").write_bytes(b"a\0b")
    (home / "empty").touch()

    refused = cli(*ASK, *served, *more)

    assert (refused.status, refused.out, loopback.seen) == (2, "", [])
    assert refused.err.startswith(said)
    assert refused.err.count("\n") == 1


def test_a_document_beyond_what_an_embedded_model_reads(cli: Cli, home: Path) -> None:
    """Refused with the figures; no weights are fetched for it."""
    (home / "long.txt").write_text("word " * 10_000, encoding="utf-8")

    refused = cli(*ASK, "--model", "local/smollm2", "--file", "long.txt")

    assert refused.status == 2
    assert "50,018 characters, some 12,505 tokens, and local/smollm2 reads 4,096" in refused.err
