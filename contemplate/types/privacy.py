"""Labels of privacy: how far words may go, and how far they go that a model is told."""

from __future__ import annotations

from typing import Literal

Privacy = Literal["local", "eu", "any"]
"""A label. Of words: machines of one's own, machines in the EU, or anywhere; of a model: where what it is told may end up."""

PRIVACY: tuple[Privacy, ...] = ("local", "eu", "any")
"""The labels from the strictest on: what stays on one's own machines has not left the EU, and both are somewhere."""


def may_see(model: Privacy, words: Privacy) -> bool:
    """Whether a model may be told words: it keeps them as near as they are to stay, or nearer.

    Args:
        model: the label of the model.
        words: the label of the words.

    Example:
        >>> may_see("local", "eu"), may_see("eu", "eu"), may_see("any", "eu")
        (True, True, False)
    """
    return PRIVACY.index(model) <= PRIVACY.index(words)


def strictest(*labels: Privacy) -> Privacy:
    """The label of words that are made of words with `labels`; "any" for none."""
    for label in PRIVACY:
        if label in labels:
            return label
    return "any"
