"""Replies that were paid for and hold no answer: what the failed turn says, and what is to be done."""

from __future__ import annotations

from typing import Any

import pytest

from contemplate import solve
from loopback import Loopback, Reply


async def failed(loopback: Loopback, reply: Reply, **options: Any) -> str:
    """Why the only turn failed."""
    loopback.script = reply
    outcome = await solve("6 * 7?", "single", answer="number", models="m", base_url=loopback.url, ledger=":memory:", **options)
    turn = outcome.trace.turns[0]
    assert turn.failure is not None
    return turn.failure.message


@pytest.mark.parametrize("message", [{"reasoning_content": "Six sevens"}, {"reasoning": "Six sevens"}])
@pytest.mark.parametrize("text", ["", None])
async def test_reasoning_only(loopback: Loopback, message: dict[str, str], text: str | None) -> None:
    """The model stopped before it answered."""
    said = await failed(loopback, Reply(text=text, message=message))
    assert said.startswith("the reply holds reasoning only, and no answer; raise max_tokens (it is ")


async def test_reasoning_that_is_cut_off(loopback: Loopback) -> None:
    """The limit was used up before the answer."""
    said = await failed(loopback, Reply(text="<think>Six sevens", finish="length"))
    assert "of reasoning, before any answer; raise max_tokens (it is " in said


@pytest.mark.parametrize("finish", ["pondering", "XYZZY", "finish_reason_other"])
async def test_an_end_that_nobody_knows(loopback: Loopback, finish: str) -> None:
    """The reply casts no vote, and the reason is told in the provider's own word."""
    said = await failed(loopback, Reply(text="6*7 = 4", finish=finish))
    assert f"(finish_reason '{finish}'): it may be cut off" in said


@pytest.mark.parametrize("finish", ["MAX_TOKENS", "model_length", "max-output-tokens"])
async def test_cut_off_is_cut_off(loopback: Loopback, finish: str) -> None:
    """In each spelling."""
    assert (await failed(loopback, Reply(text="5 + 1 = 6 and then 6*2 =", finish=finish))).startswith("cut off after ")


@pytest.mark.parametrize("finish", ["SAFETY", "content-filter"])
async def test_filtered_is_filtered(loopback: Loopback, finish: str) -> None:
    """In each spelling."""
    assert "the provider's filter held the reply back" == await failed(loopback, Reply(text="", finish=finish))
