"""Rows on disk: what is written is read, one JSON object a line, and a temporary file goes with its object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.experiments import Row
from contemplate.experiments.row_file import Rows


def row(question: str = "q1", answer: str | None = "4") -> Row:
    """A row of one question that was answered right."""
    return Row(
        set="sums", question=question, strategy="single", panel="m", repeat=1, seed=0, run="run-1", status="answered",
        answer=answer, score=1.0, rounds=((1, 2),), samples=((0, 1.0), None),
    )  # fmt: skip


@given(answer=st.text())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, answer: str) -> None:
    """Whatever an answer is made of, a row is one line and comes back whole."""
    rows = Rows(tmp_path_factory.mktemp("rows") / "rows.jsonl")
    with rows.written() as write:
        write(row("q1", answer))
        write(row("q2", None))

    assert list(rows) == [row("q1", answer), row("q2", None)]
    assert [json.loads(line)["question"] for line in rows.path.read_text().split("\n") if line] == ["q1", "q2"]


def test_a_row_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    """Who kills the program afterwards finds the row."""
    rows = Rows(tmp_path / "rows.jsonl")
    with rows.written() as write:
        write(row("q1"))

        assert [each.question for each in rows] == ["q1"]


@pytest.mark.parametrize(("more", "found"), [(False, ["q2"]), (True, ["q1", "q2"])])
def test_rows_are_added_or_written_over(tmp_path: Path, more: bool, found: list[str]) -> None:
    """With `more`, what is there stays there."""
    rows = Rows(tmp_path / "rows.jsonl")
    with rows.written() as write:
        write(row("q1"))
    with rows.written(more=more) as write:
        write(row("q2"))

    assert [each.question for each in rows] == found


def test_a_folder_that_is_not_there_is_the_caller_s_mistake(tmp_path: Path) -> None:
    """One line with the path."""
    writing = Rows(tmp_path / "none" / "rows.jsonl").written()

    with pytest.raises(InputError, match=r"rows\.jsonl: can't be written \(No such file or directory\)"), writing:
        pass


@pytest.mark.parametrize("temporary", [True, False])
def test_a_temporary_file_goes_with_its_object(tmp_path: Path, temporary: bool) -> None:
    """The rows of an experiment that keeps nothing are gone when nobody holds them."""
    rows = Rows(tmp_path / "rows.jsonl", temporary=temporary)
    with rows.written() as write:
        write(row())
    path = rows.path
    del rows

    assert path.exists() == (not temporary)
