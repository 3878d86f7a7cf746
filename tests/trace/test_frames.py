"""The tables of a run as DataFrames."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
import pytest

from contemplate import InputError, Outcome, Trace
from contemplate.errors import UnknownNameError
from contemplate.trace.frames import COLUMNS, outcome_frame
from hostile import PAYLOADS, hostile_run
from runs import done


async def test_turns() -> None:
    """A row for each turn, in layout order, with what it saw."""
    outcome = await done("debate")
    frame = outcome.to_pandas()

    assert list(frame["id"]) == [turn.id for turn in outcome.trace.turns]
    assert frame["completion_tokens"].sum() == outcome.usage.completion_tokens
    said = frame[frame["verb"] == "revise"].set_index("id")
    assert [len(saw) for saw in said["saw"]] == [5] * len(said)
    assert frame.iloc[-1]["winner"] == outcome.answer


async def test_flips_and_votes() -> None:
    """Who changed an answer, from what to what; and the tally."""
    outcome = await done("debate")
    flips, votes = outcome.to_pandas("flips"), outcome.to_pandas("votes")

    assert list(flips["seat"]) == [flip.seat for flip in outcome.trace.flips()] != []
    assert (flips["before"][0], flips["after"][0]) == ("10", "5")
    assert votes.explode("seats")["answer"].value_counts().to_dict() == {"5": 4, "10": 1}


async def test_claims() -> None:
    """The claims, what seats say of them, and the sentences that rest on them."""
    outcome = await done("open")
    claims, stances, sentences = (outcome.to_pandas(name) for name in ("claims", "stances", "sentences"))

    assert list(claims["text"]) == [claim.text for claim in outcome.claims]
    assert len(stances) == sum(len(claim.stances) for claim in outcome.claims)
    assert set(sentences.explode("claims")["claims"].dropna()) <= set(claims["id"])
    against = stances[stances["side"] == "against"].groupby("claim")["seat"].apply(list).to_dict()
    assert against == {claim.id: list(claim.seats_against) for claim in outcome.claims if claim.seats_against}
    assert outcome.trace.to_pandas("claims").equals(claims)


@pytest.mark.parametrize("table", COLUMNS)
async def test_of_a_run_without_any(table: Any) -> None:
    """There are no rows, and the columns all the same."""
    outcome: Outcome[Any] = await done("failed")
    empty = Outcome(**{**vars(outcome), "trace": Trace(), "decision": None})

    assert list(empty.to_pandas(table).columns) == list(COLUMNS[table])
    assert len(empty.to_pandas(table)) == 0


@pytest.mark.parametrize("table", ["turns", "claims", "stances"])
def test_words_are_printable(table: Any) -> None:
    """What would steer a terminal is left out, as in `trace.graph()`."""
    frame = Trace.of(hostile_run(PAYLOADS, "text").turns).to_pandas(table)
    words = frame.to_json(force_ascii=False)

    assert isinstance(frame, pd.DataFrame)
    assert "window.ran=1" in words
    assert not {"\x1b", "\u202e", "\ud800", "\x00"} & set(words)


async def test_unknown_tables() -> None:
    """The nearest is named."""
    outcome = await done("debate")
    with pytest.raises(UnknownNameError, match="did you mean 'claims'"):
        outcome_frame(outcome, "claim")
    with pytest.raises(UnknownNameError, match="no table of a trace called 'votes'"):
        outcome.trace.to_pandas("votes")  # type: ignore[arg-type]


async def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line on what to do."""
    outcome = await done("debate")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"^pandas is not installed: pip install 'contemplate-ai\[experiments\]'$"):
        outcome.to_pandas()
