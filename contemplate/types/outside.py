"""What models may see of private words that may not see them whole."""

from __future__ import annotations

from typing import Literal

from contemplate.types.base import Value


class OutsideView(Value):
    """The view of a run's private words for models whose label does not let them see these.

    Attributes:
        mode: "redact": all words, with what tells who somebody is behind placeholders; "digest": in place of each private part
            what a model that may see it makes of it, and no row of words of it.
        names: hidden in either case.
        values: hidden wherever they stand as they are: what a function of the user's own found in the question.
    """

    mode: Literal["redact", "digest"] = "redact"
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
