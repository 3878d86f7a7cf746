"""`contemplate models`: what is here, fetched and removed."""

from __future__ import annotations

import hashlib
import signal
import socket
from pathlib import Path

import pytest

from command import Cli, Started
from contemplate.models.backends import local_models
from contemplate.models.backends.local_models import LocalModel
from contemplate.models.backends.published import Weights
from contemplate.models.backends.speed import note_speed
from contemplate.models.backends.weights import place_of

CONTENT = b"GGUF and more"
WEIGHTS = Weights(file="tiny.gguf", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
TINY = LocalModel(weights=WEIGHTS, context=512, parameters="13", licence="MIT")


@pytest.fixture(autouse=True)
def only_tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One model is known, and nothing is in the cache."""
    for name in list(local_models.LOCAL_MODELS):
        monkeypatch.delitem(local_models.LOCAL_MODELS, name)
    monkeypatch.setitem(local_models.LOCAL_MODELS, "local/tiny", TINY)
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path / "cache"))


def put() -> Path:
    """Put the weights into the cache."""
    path = place_of(WEIGHTS)
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return path


def test_what_is_not_here(cli: Cli) -> None:
    """It is listed with what it would take."""
    listed = "local/tiny    13, 0 MB, MIT, not here\nwhisper-base  hears speech, 148 MB, MIT, not here\n"
    assert listed == cli("models").out
    assert "local/tiny  13, 0 MB, MIT, not here\n" == cli("models", "list", "local/tiny").out


def test_what_is_here_and_how_fast_it_was(cli: Cli) -> None:
    """Tokens a second, as the last run saw it."""
    path = put()
    note_speed(path, 41.25)
    row = {
        "name": "local/tiny",
        "parameters": "13",
        "bytes": 13,
        "licence": "MIT",
        "here": True,
        "bytes_here": 13,
        "path": str(path),
    }
    assert {**row, "tokens_per_second": 41.2} == cli("models", "--json").json[0]
    assert cli("models", "list", "local/tiny").out.endswith("here, 41.2 tokens/s\n")


def test_what_came_before_it_was_cut_short(cli: Cli) -> None:
    """The part that is kept is listed as such."""
    part = place_of(WEIGHTS).with_suffix(".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:5])
    row = cli("models", "--json").json[0]

    assert (False, 5, 13) == (row["here"], row["bytes_here"], row["bytes"])
    assert cli("models", "list", "local/tiny").out.endswith(", 0 MB of it here\n")


def test_a_file_of_ones_own_by_itself(cli: Cli, tmp_path: Path) -> None:
    """Asked for by name, a model is the only one that is listed; of a file its size is known."""
    (tmp_path / "mine.gguf").write_bytes(b"GGUF" * 1_000_000)
    name = f"local/{tmp_path}/mine.gguf"

    assert f"{name}  4 MB, here\n" == cli("models", "list", name).out


def test_fetching_what_is_here(cli: Cli) -> None:
    """Its path is printed."""
    assert f"{put()}\n" == cli("models", "fetch", "local/tiny").out


def test_removing(cli: Cli) -> None:
    """The weights go, and what was noted beside them; a second time there is nothing to do."""
    path = put()
    note_speed(path, 1.0)
    said = cli("models", "rm", "local/tiny")
    assert (0, "local/tiny: 0 MB are free\n") == (said.status, said.err)
    assert [] == list(path.parent.iterdir())
    assert "local/tiny: it was not here\n" == cli("models", "rm", "local/tiny").err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("fetch",), "contemplate models fetch needs the NAME of a model"),
        (("rm", "local/mine.gguf"), "is a file of your own, and no part of the cache"),
        (("fetch", "local/mine.gguf"), "mine.gguf: no such file or directory"),
        (("fetch", "local/~nobody-of-that-name/mine.gguf"), "there is no such home folder"),
        (("fetch", "local/tinny"), "no embedded model called 'local/tinny'; did you mean 'local/tiny'"),
        (("fetch", "local/hf:a/b:../c.gguf"), "no embedded model called"),
        (("fetch", "local/hf:../..:c.gguf"), "no embedded model called"),
        (("fetch", "local/hf:a/b:/c.gguf"), "no embedded model called"),
    ],
)
def test_bad_input(cli: Cli, arguments: tuple[str, ...], expected: str) -> None:
    """One line, with the remedy."""
    said = cli("models", *arguments)
    assert (2, 1) == (said.status, said.err.count("\n"))
    assert expected in said.err


def test_a_file_that_is_no_model(cli: Cli, tmp_path: Path) -> None:
    """It is not given to the code that would load it."""
    (tmp_path / "x.gguf").write_bytes(b"no model")
    assert "it is no GGUF file" in cli("models", "fetch", f"local/{tmp_path}/x.gguf").err


def test_a_fetch_that_is_cut_short(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says that the same command goes on."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{mute.getsockname()[1]}")
        process = started("models", "fetch", "local/hf:a/b:c.gguf")
        with mute.accept()[0]:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)

    said = "contemplate: interrupted; what came is kept, and the same command goes on from there\n"
    assert (130, said) == (process.returncode, err)
