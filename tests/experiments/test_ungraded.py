"""Comparisons in Python of questions of which some have no gold answer."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import pytest

from contemplate import ScriptedBackend
from contemplate.errors import InputError
from contemplate.experiments import Comparison, Row, compare
from contemplate.types import Request


def say(request: Request) -> str:
    """Everybody says what they were told; some seats differ."""
    return "Answer: 3" if int(request.key[-1], 16) % 4 == 0 else "Answer: 2"


async def compared(folder: Path, golds: list[str | None], **words: object) -> Comparison:
    """A comparison of a vote and a debate on as many questions."""
    rows = [
        {"question": f"{number}: 1 + 1?", "kind": "number", **({} if gold is None else {"gold": gold})}
        for number, gold in enumerate(golds)
    ]
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    plan = {"strategies": ["self-consistency", "multiagent-debate"], "questions": str(folder / "q.jsonl"), "draws": 1000}
    return await compare({**plan, **words}, backend=ScriptedBackend(say), ledger=folder / "ledger.db")


async def test_nothing_is_right_or_wrong(tmp_path: Path) -> None:
    """Accuracy is not a number, and every test of it is left out."""
    found = await compared(tmp_path, [None] * 6)

    assert all(isnan(one.accuracy.value) and isnan(one.interval.low) and one.n == 0 for one in found.standings)
    assert (found.pairs, found.equal_cost, found.power, found.without_gold, found.left_out) == ((), (), None, 6, 0)
    assert all(one.verdicts == {} and one.rounds == () and one.turned == () for one in found.standings)
    assert {row.score for row in found.rows} == {None}
    assert "NaN" not in json.dumps(found.to_dict())


@pytest.mark.parametrize("failed", ["wrong", "left-out"])
async def test_the_others_are_as_if_alone(tmp_path: Path, failed: str) -> None:
    """Of questions with gold answers, every figure of accuracy is the one that they have without the others."""
    for name in ("mixed", "alone"):
        (tmp_path / name).mkdir()
    golds = ["2", "2", "3", "2"]
    mixed = await compared(tmp_path / "mixed", [*golds, None, None], failed=failed)
    alone = await compared(tmp_path / "alone", list(golds), failed=failed)

    assert (mixed.without_gold, alone.without_gold) == (2, 0)
    assert [one.accuracy for one in mixed.standings] == [one.accuracy for one in alone.standings]
    assert [one.flips for one in mixed.standings] == [one.flips for one in alone.standings]
    assert [one.curve for one in mixed.standings] == [one.curve for one in alone.standings]
    assert mixed.pairs == alone.pairs
    assert {one.calls.n for one in mixed.standings} == {6}


async def test_repeats_and_one_question(tmp_path: Path) -> None:
    """A single one without a gold answer, asked twice."""
    found = await compared(tmp_path, [None], repeats=2)

    assert {(one.n, one.repeats, one.calls.n) for one in found.standings} == {(0, 2, 2)}


async def test_a_gold_answer_that_can_not_be_read(tmp_path: Path) -> None:
    """Is refused, beside questions that have none."""
    with pytest.raises(InputError, match=r"q\.jsonl:2: gold: 'a few' can't be read as number"):
        await compared(tmp_path, [None, "a few"])


def test_older_rows_were_graded() -> None:
    """Rows that were written before say nothing of it."""
    row = Row(set="s", question="1", strategy="single", panel="m", repeat=1, seed=0, run="r", status="answered", score=1)

    assert Row.model_validate(row.model_dump(exclude={"graded", "agreement", "changed"})).graded


@pytest.mark.parametrize("strategy", ["council", "reconcile", "league", "best-of-n", "single"])
async def test_whatever_decides(tmp_path: Path, strategy: str) -> None:
    """A vote, a synthesis, a ranking or one seat alone: agreement is a share, or there is none."""
    found = await compared(tmp_path, [None, None, "2"], strategies=[strategy], baselines=[])

    assert all(row.agreement is None or 0 <= row.agreement <= 1 for row in found.rows)
    assert (strategy == "single") == (found.standings[0].agreement is None)
