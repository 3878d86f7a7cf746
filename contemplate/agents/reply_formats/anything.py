"""The format that any reply has."""

from __future__ import annotations

from contemplate.agents.reply_formats.base import Parsed, ReplyFormat


def anything() -> ReplyFormat:
    """Any reply that is not empty; its text is what was asked for."""
    return ReplyFormat("", lambda _: Parsed())
