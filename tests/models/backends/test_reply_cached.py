"""What a server says of the prompt tokens that it had read before."""

from __future__ import annotations

import pytest

from builders import a_request
from contemplate import Usage
from contemplate.cli.words import spent
from contemplate.models.backends.reply import read_completions
from contemplate.types import Tokens


def payload(details: object, samples: int = 1) -> dict[str, object]:
    """A reply of a server that says `details` of its prompt."""
    choices = [{"message": {"content": "Answer: 4"}, "finish_reason": "stop"}] * samples
    return {"choices": choices, "usage": {"prompt_tokens": 10, "completion_tokens": 4, "prompt_tokens_details": details}}


@pytest.mark.parametrize(
    ("details", "expected"),
    [({"cached_tokens": 7}, 7), ({"cached_tokens": 99}, 10), ({"cached_tokens": "7"}, 0), ({}, 0), (None, 0), ([7], 0)],
)
def test_it_is_read_where_it_makes_sense(details: object, expected: int) -> None:
    """No more than the prompt has, and nothing where it is no number."""
    assert expected == read_completions(payload(details), a_request(), 1)[0].tokens.cached


def test_the_first_of_several_samples_has_it() -> None:
    """As it has the prompt."""
    assert [7, 0] == [one.tokens.cached for one in read_completions(payload({"cached_tokens": 7}, 2), a_request(), 2)]


def test_it_is_left_out_of_the_json_where_there_is_none() -> None:
    """What was stored before reads and writes as it did."""
    assert {"prompt": 1, "completion": 2, "estimated": False} == Tokens(prompt=1, completion=2).model_dump()
    assert 7 == Tokens(prompt=9, cached=7).model_dump()["cached"]
    assert "cached_tokens" not in Usage(calls=1).model_dump()


def test_it_is_added_up() -> None:
    """Of calls, and of runs."""
    assert Tokens(prompt=3, cached=3, estimated=True) == Tokens(prompt=2, cached=1) + Tokens(prompt=1, cached=2, estimated=True)
    assert Usage(cached_tokens=3) == Usage(cached_tokens=1) + Usage(cached_tokens=2)


def test_it_is_shown() -> None:
    """As the share of all prompts; not on a narrow screen, and not where there is none."""
    usage = Usage(calls=2, prompt_tokens=100, completion_tokens=20, cached_tokens=75)
    assert "2 calls, 120 tokens (75% of prompts from the cache), $0, 0.0 s" == spent(usage)
    assert "2 calls, 120 tokens, $0, 0.0 s" == spent(usage, short=True) == spent(usage.model_copy(update={"cached_tokens": 0}))
