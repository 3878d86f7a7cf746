"""`contemplate ask --attach ...` and `chat --attach ...`, and what `show` and `view` say of it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from attached import a_picture
from command import Cli
from loopback import Loopback
from pdfs import a_pdf

pytest.importorskip("pypdfium2")

ASK = ("ask", "Which pump is red?", "--strategy", "single", "--answer", "text", "--budget-calls", "9")
BLIND = '[model.m]\naccepts = ["text"]\n'


@pytest.fixture
def notes(home: Path) -> Path:
    """A PDF of one page."""
    (home / "notes.pdf").write_bytes(a_pdf(["The left pump is red."]))
    return home / "notes.pdf"


@pytest.mark.usefixtures("notes")
def test_a_page_is_sent_and_shown(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """The stored run names it, says who saw it, and replays; the trace page has a small picture."""
    loopback.script = "Answer: the left one"
    (home / "chart.jpg").write_bytes(a_picture("7", form="JPEG"))
    (home / "contemplate.toml").write_text('[model.m]\naccepts = ["image"]\n', encoding="utf-8")

    said = cli(*ASK, *served, "--project", ".", "--attach", "notes.pdf", "--attach", "chart.jpg", "--json")

    assert said.status == 0
    kinds = [part["type"] for part in loopback.seen[0].body["messages"][-1]["content"]]
    assert kinds == ["text", "image_url", "text", "image_url", "text"]
    run = said.json["run"]
    shown = cli("show", run, "--prompts")
    assert "attachment notes.pdf: application/pdf, " in shown.out
    assert "shown: notes.pdf, chart.jpg" in shown.out
    assert re.search(r"\[image/png, [\d,]+ bytes, 12\d\d x 165\d pixels\]", shown.out)
    assert [one["name"] for one in cli("show", run, "--json").json["attachments"]] == ["notes.pdf", "chart.jpg"]
    assert "notes.pdf: seen by seat-1 (m)" in cli("show", run, "--format", "markdown").out
    assert "every turn came out the same" in cli("replay", run).out
    assert cli("view", run, "--output", "page.html").status == 0
    page = (home / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "img-src data:;" in page


@pytest.mark.usefixtures("notes")
def test_who_is_blind_reads_its_words(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """From a trace file, too, it is seen that it was a reading."""
    (home / "contemplate.toml").write_text(BLIND, encoding="utf-8")

    said = cli(*ASK, *served, "--project", ".", "--attach", "notes.pdf", "--trace", "t.jsonl", "--json")

    assert said.status == 0
    content = loopback.seen[0].body["messages"][-1]["content"]
    assert "--- Reading of Attachment 1 (notes.pdf, page 1) [" in content
    assert "shown: a reading of notes.pdf" in cli("show", "--trace", "t.jsonl").out
    assert "data:image/" not in content


def test_from_standard_input(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    """As `-`."""
    (home / "contemplate.toml").write_text(BLIND, encoding="utf-8")
    stdin = SimpleNamespace(buffer=io.BytesIO(a_pdf(["The left pump is red."])), isatty=lambda: False)
    monkeypatch.setattr("sys.stdin", stdin)

    assert cli(*ASK, *served, "--project", ".", "--attach", "-", "--json").status == 0
    assert "(standard input, page 1)" in loopback.seen[0].body["messages"][-1]["content"]


@pytest.mark.usefixtures("notes")
def test_all_turns_of_a_chat_come_with_it(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    """Each once."""
    (home / "contemplate.toml").write_text(BLIND, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"Which?\nSure?\n"), isatty=lambda: False))

    said = cli("chat", *served, "--project", ".", "--strategy", "single", "--answer", "text", "--attach", "notes.pdf")

    assert said.status == 0
    assert [seen.body["messages"][-1]["content"].count("The left pump is red.") for seen in loopback.seen] == [1, 1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--attach", "none.png"), "contemplate: none.png: no such file"),
        (("--attach", "notes.md"), "contemplate: notes.md: no PNG, JPEG"),
        (("--attach", "broken.png"), "contemplate: broken.png: it is broken"),
        (("--attach", "https://example.org/a.png"), "allow this host: --allow-url example.org"),
        (("--attach", "data:image/png;base64,x"), "contemplate: data: URL: its Base64 is damaged"),
        (("--attach", "-", "--attach", "-"), "standard input is read once"),
    ],
)
def test_what_is_refused(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path, more: tuple[str, ...], said: str
) -> None:
    """In one line, before anything is called."""
    (home / "notes.md").write_text("words", encoding="utf-8")
    (home / "broken.png").write_bytes(a_picture("x")[:100])

    refused = cli(*ASK, *served, *more)

    assert (refused.status, loopback.seen) == (2, [])
    assert said in refused.err
    assert "Traceback" not in refused.err


def test_the_speech_model_is_listed(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside the embedded models, with its size."""
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path / "cache"))

    rows = {row["name"]: row for row in cli("models", "--json").json}

    assert (rows["whisper-base"]["here"], rows["whisper-base"]["bytes"]) == (False, 147_882_941)
    assert cli("models", "rm", "whisper-base").status == 0
