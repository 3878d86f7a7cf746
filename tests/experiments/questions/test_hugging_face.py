"""Data sets of Hugging Face, through a stand-in for the library with the two functions that are used.

Where the library itself is installed, it is tested too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contemplate.experiments.questions import load_questions, stream

Refusal = Callable[..., str]

ROWS = [{"problem": f"{n} + 1?", "solution": f"Count on.\n#### {n + 1}"} for n in range(3)]
MAPPING = {"question": "problem", "gold": "solution", "gold_from": "hashes"}


class Library(ModuleType):
    """The library, as far as it is used; it remembers what was asked for."""

    __version__ = "9.9"

    def __init__(self) -> None:
        super().__init__("datasets")
        self.__spec__ = ModuleSpec("datasets", None)
        self.asked: list[tuple[Any, ...]] = []

    def load_dataset(self, path: str, name: str | None, **options: Any) -> Iterator[dict[str, str]]:
        """The rows of a data set of the hub."""
        self.asked.append((path, name, options))
        if path == "no/such":
            raise FileNotFoundError("Dataset 'no/such' is not\non the Hub")
        return (row for row in ROWS) if path != "half/there" else half_there()

    def load_from_disk(self, path: str) -> Any:
        """What `save_to_disk` wrote: one split, or several by name."""
        return {"test": ROWS, "train": ROWS[:1]} if (Path(path) / "dataset_dict.json").exists() else ROWS


def half_there() -> Iterator[dict[str, str]]:
    """Rows that break off."""
    yield ROWS[0]
    raise ConnectionResetError("the connection broke off")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """A stand-in for the library."""
    module = Library()
    monkeypatch.setitem(sys.modules, "datasets", module)
    return module


def test_split_of_the_hub(library: Library) -> None:
    """A split is streamed, with its part and revision; the version of the library is kept."""
    found = load_questions("hf:some/sums:test?config=main&revision=v1.0", MAPPING, kind="number")
    assert [("some/sums", "main", {"split": "test", "revision": "v1.0", "streaming": True})] == library.asked
    assert [("0 + 1?", "1", "1"), ("1 + 1?", "2", "2"), ("2 + 1?", "3", "3")] == [(q.text, q.gold, q.id) for q in found]
    assert {"datasets": "9.9"} == found.versions


@pytest.mark.usefixtures("library")
def test_stream_is_load() -> None:
    """One at a time they are the same."""
    assert list(load_questions("hf:some/sums:test", MAPPING).entries) == list(stream("hf:some/sums:test", MAPPING))
    assert 2 == len(load_questions("hf:some/sums:test", MAPPING, limit=2))


@pytest.mark.usefixtures("library")
def test_folder_that_was_saved(tmp_path: Path, refusal: Refusal) -> None:
    """A folder of one split is named alone, one of several with the split."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "state.json").touch()
    (tmp_path / "two" / "dataset_dict.json").touch()
    assert 3 == len(load_questions(f"hf:{tmp_path}/one", MAPPING))
    assert 3 == len(load_questions(f"hf:{tmp_path}/two:test", MAPPING))
    assert f"hf:{tmp_path}/two:tset: there is no split 'tset' in it; there are: test, train" == refusal(f"hf:{tmp_path}/two:tset")
    assert f"hf:{tmp_path}/one:a: the folder holds one split only; it is hf:{tmp_path}/one" == refusal(f"hf:{tmp_path}/one:a")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("hf:some/sums", "hf:some/sums: which split? It stands behind the name, as hf:some/sums:test"),
        ("hf::test", "hf::test: a data set is named as hf:NAME:SPLIT, as hf:openai/gsm8k:test"),
        ("hf:some/sums:test?part=x", "hf:some/sums:test?part=x: unknown option 'part' (known: config, revision)"),
        (
            "hf:no/such:test",
            "hf:no/such:test: opening the data set: FileNotFoundError: Dataset 'no/such' is not on the Hub",
        ),
        ("hf:half/there:test", "hf:half/there:test: row 2: ConnectionResetError: the connection broke off"),
        ("hf:some/sums:train", "hf:some/sums:train: row 1: gold: there is no field 'answer' (there are: problem, solution)"),
    ],
)
def test_what_is_wrong_is_said(refusal: Refusal, source: str, expected: str) -> None:
    """One line names the source and the row; the library's own reason is kept."""
    mapping = MAPPING | ({"gold": "answer"} if source.endswith("train") else {})
    assert expected == refusal(source, mapping)


def test_library_is_missing(monkeypatch: pytest.MonkeyPatch, refusal: Refusal) -> None:
    """Without the library, or with a module of somebody's own by that name, the way to it is named."""
    expected = "hf:some/sums:test: data sets of Hugging Face need the library `datasets`: pip install datasets"
    module = ModuleType("datasets")
    module.__spec__ = ModuleSpec("datasets", None)
    monkeypatch.setitem(sys.modules, "datasets", module)
    assert expected == refusal("hf:some/sums:test")
    monkeypatch.setattr("contemplate.experiments.questions.hugging_face.find_spec", lambda _: None)
    assert expected == refusal("hf:some/sums:test")


@pytest.mark.skipif(find_spec("datasets") is None, reason="datasets is not installed")
def test_the_library_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of data files, without a network."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    assert ["1", "2", "3"] == [question.gold for question in load_questions(f"hf:{tmp_path}:test", MAPPING, kind="number")]
