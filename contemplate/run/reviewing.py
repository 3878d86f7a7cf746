"""Asking somebody about a question that was put more tightly: it may be taken, refused, or written anew."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contemplate.errors import InputError
from contemplate.types import Refinement

REFUSED = "refused: the question stays as it is"
NOBODY = "nobody was there to say whether it is right: the question stays as it is"
"""Why a refinement was not taken."""


@dataclass(frozen=True)
class Draft:
    """A question before and after.

    Attributes:
        question: the user's own words.
        refinement: what was made of them.
    """

    question: str
    refinement: Refinement


Said = bool | str | None
Review = Callable[[Draft], Said | Awaitable[Said]]
"""Says whether a refinement is taken: True; False to leave the question as it is,
None where nobody can say, or a text to take in its place."""


async def reviewed(review: Review | None, draft: Draft) -> tuple[Refinement | None, str]:
    """The refinement that is taken, if any, and why none is.

    Raises:
        InputError: what was said is neither of the three.
    """
    if review is None:
        return None, NOBODY
    said = review(draft)
    if inspect.isawaitable(said):
        said = await said
    if isinstance(said, str) and said.strip():
        return Refinement(question=said.strip(), by="user"), ""
    if said is not None and not isinstance(said, bool):
        raise InputError(f"refine: expected True, False or a question from your function, not {said!r:.60}")
    return (draft.refinement, "") if said else (None, NOBODY if said is None else REFUSED)
