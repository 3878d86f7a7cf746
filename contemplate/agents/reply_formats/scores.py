"""Formats of a score: a number, or yes and no."""

from __future__ import annotations

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.types import Found, Json


def score(low: float, high: float, *, name: str = "score") -> ReplyFormat:
    """A number in [low, high], found as `score`.

    Args:
        low, high: the range.
        name: what the number is called.
    """
    rule = {"type": "number", "minimum": low, "maximum": high, "description": f"{low:g} to {high:g}"}
    return ReplyFormat(
        f'End with one line: "{name.capitalize()}: " and a number from {low:g} to {high:g}.',
        lambda text: _scored(parsing.read_score(text, low, high)),
        {"work": WORK, name: rule},
        lambda row: _scored(of.number(row, name, low, high)),
    )


def sure(*, alone: bool = False) -> ReplyFormat:
    """Whether one is sure, yes or no: found as `score`, 1 or 0.

    Args:
        alone: one word and nothing else, so that the likelihood of the first token says how sure; any reply will do then.
    """
    told = 'Reply with one word and nothing else: "yes" or "no".'
    if alone:
        return ReplyFormat(told, lambda text: _scored(parsing.read_yes_no(text)) or Parsed())
    fields: Json = {"answer": {"type": "string", "enum": ["yes", "no"]}}
    return ReplyFormat(
        told, lambda text: _scored(parsing.read_yes_no(text)), fields, lambda row: _scored(of.yes_no(row, "answer"))
    )


def _scored(number: float | None) -> Parsed | None:
    return None if number is None else Parsed(found=Found(score=float(number)))
