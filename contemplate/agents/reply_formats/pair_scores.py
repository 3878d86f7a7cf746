"""The format of a score for each of two texts."""

from __future__ import annotations

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.types import Answer, Found, Json


def pair_scores(low: float, high: float, pair: tuple[Answer, Answer]) -> ReplyFormat:
    """A score for each of two texts, A and B, found as `scores`; the answer is the one of `pair` that scores more, if any."""
    rule = {"type": "number", "minimum": low, "maximum": high, "description": f"{low:g} to {high:g}"}

    def said(scores: tuple[float, float], words: str | None = None) -> Parsed:
        better = None if scores[0] == scores[1] else pair[scores[1] > scores[0]]
        return Parsed(answer=better, found=Found(scores=scores, words=words))

    def read(text: str) -> Parsed | None:
        scores = parsing.read_pair_scores(text, low, high)
        return None if scores is None else said(scores)

    def from_object(row: Json) -> Parsed | None:
        first, second = of.number(row, "score_a", low, high), of.number(row, "score_b", low, high)
        if first is None or second is None:
            return None
        scores = f"Score A: {of.value(row, 'score_a')}\nScore B: {of.value(row, 'score_b')}"
        return said((first, second), f"{of.value(row, 'work')}\n{scores}")

    tagged = f'End with two lines: "Score A: " and "Score B: ", each with a number from {low:g} to {high:g}.'
    return ReplyFormat(tagged, read, {"work": WORK, "score_a": rule, "score_b": rule}, from_object)
