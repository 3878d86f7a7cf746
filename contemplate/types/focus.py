"""How long documents are dealt to a panel: whole, by digests, or part by part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contemplate.types.base import Value
from contemplate.types.claims import Passage

FocusMode = Literal["full", "digest", "split"]
"""What each agent is shown of the documents: all of them; digests of their parts; its own parts, and digests of the others."""


class FocusPlan(Value):
    """How documents are dealt, fixed before the first call.

    Attributes:
        mode: what agents are shown.
        part: the longest part, in bytes.
        digest: the longest digest of a part, in characters.
        rooms: how much of the documents each seat may be shown, in tokens, by seat.
    """

    mode: FocusMode
    part: Annotated[int, Field(ge=4)]
    digest: Annotated[int, Field(ge=1)]
    rooms: tuple[Annotated[int, Field(ge=1)], ...]


class Point(Value):
    """What a reader found in a part.

    Attributes:
        text: in the reader's words.
        passage: where it stands in the document; None where it was not found there.
    """

    text: str
    passage: Passage | None = None


class FocusPart(Value):
    """A part of a document, who read it, and what was found in it.

    Attributes:
        number: among all parts of the run, from 1.
        document: the number of its document, from 1; `name` is what that is called.
        place: which part of how many of its document, as "2 of 5".
        start: where it begins in the document's text, in characters; it ends before `end`.
        pages: the first and the last page on which it stands; None where there are no pages.
        reader: the seat that digested it.
        seats: those that are shown it word for word.
        points: what the reader found in it; None where nobody could read it.
        left_out: how many points more it named, for which there was no room.
    """

    number: int
    document: int
    name: str
    place: str
    start: int
    end: int
    pages: tuple[int, int] | None = None
    reader: str = ""
    seats: tuple[str, ...] = ()
    points: tuple[Point, ...] | None = None
    left_out: int = 0


class FocusView(Value):
    """Who read what of the documents.

    Attributes:
        mode: what agents are shown.
        parts: all parts, in order.
    """

    mode: FocusMode
    parts: tuple[FocusPart, ...]
