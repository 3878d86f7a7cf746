"""What runs came to and took, in OpenAI's words and in ours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from contemplate.server.feed import Feed
from contemplate.trace.outcome import Outcome
from contemplate.types import Json, Usage

_BYTES_PER_TOKEN = 4


def outcomes_of(feeds: Sequence[Feed]) -> list[Outcome]:
    """The outcomes of the runs that have one."""
    return [feed.outcome for feed in feeds if feed.outcome is not None]


def total(outcomes: Sequence[Outcome]) -> Usage:
    """What runs took together."""
    return reduce(add, (outcome.usage for outcome in outcomes), Usage())


def thought(outcomes: Sequence[Outcome]) -> int:
    """The tokens of replies that are no part of an answer: answers are counted by their bytes, four to a token."""
    answers = sum(len((outcome.answer or "").encode("utf-8", "replace")) for outcome in outcomes)
    return max(total(outcomes).completion_tokens - -(-answers // _BYTES_PER_TOKEN), 0)


def chat_usage(outcomes: Sequence[Outcome]) -> Json:
    """What the whole panel took, as a chat completion says it."""
    usage = total(outcomes)
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": thought(outcomes)},
    }


def response_usage(outcomes: Sequence[Outcome]) -> Json:
    """What the whole panel took, as a response says it."""
    usage = total(outcomes)
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": thought(outcomes)},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def told_of(outcomes: Sequence[Outcome]) -> Json:
    """How the first answer came about, and the ids of all runs: the field `contemplate` of a reply."""
    usage, runs = total(outcomes), [outcome.run for outcome in outcomes]
    first = outcomes[0] if outcomes else None
    return {
        "run": first.run if first is not None else None,
        "runs": runs,
        "confidence": None if first is None else round(first.confidence, 6),
        "stopped": None if first is None else first.stopped,
        "strategy": None if first is None else first.strategy,
        "models": [] if first is None else list(first.models),
        "calls": usage.calls,
        "cached_calls": usage.cached_calls,
        "usd": usage.usd,
        "seconds": round(usage.seconds, 3),
    }
