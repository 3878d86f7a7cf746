"""A reply far beyond its own `max_tokens` is a failed turn that says so."""

from __future__ import annotations

import pytest

from builders import a_request
from contemplate import Sampling
from contemplate.agents.reply_formats import anything
from contemplate.models.path import Reply
from contemplate.run.exchange import read
from contemplate.types import Completion, Failure


def failure(text: str, max_tokens: int) -> Failure | None:
    """Why a reply failed, if it did."""
    return read(
        Reply(a_request(max_tokens=max_tokens), Completion(text=text), cached=False), anything(), "1.propose/seat-1"
    ).failure


@pytest.mark.parametrize(
    ("text", "max_tokens"),
    [
        ("x" * 600_000, 2048),
        ("x" * 65_537, 2048),
        ("é" * 33_000, 2048),
        ("x" * 10_241, 320),
        ("x" * 4_097, 1),
        ("word " * 120_000, 16_384),
    ],
)
def test_far_too_long_is_no_reply(text: str, max_tokens: int) -> None:
    """It is measured in bytes, as tokens are."""
    found = failure(text, max_tokens)

    assert found is not None
    assert found.kind == "reply"
    assert found.message == f"the reply has {len(text.encode()):,} bytes, far more than max_tokens={max_tokens} allows"


@pytest.mark.parametrize(
    ("text", "max_tokens"), [("x" * 65_536, 2048), ("x" * 4_096, 1), ("x" * 600_000, 32_000), ("漢" * 2048, 2048)]
)
def test_long_is_a_reply(text: str, max_tokens: int) -> None:
    """What a model may have written within its tokens, however long these are."""
    assert failure(text, max_tokens) is None


def test_a_limit_of_the_user_counts() -> None:
    """Whatever says how many tokens there may be."""
    assert failure("x" * 100_000, Sampling(max_tokens=4096).max_tokens) is None
    assert failure("x" * 200_000, Sampling(max_tokens=4096).max_tokens) is not None
