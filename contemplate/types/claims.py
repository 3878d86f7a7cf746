"""Claims: what an open answer is made of, who holds each, what was found out about it, and the sentences that rest on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from contemplate.types.base import Value

Side = Literal["for", "against", "unsure"]
ClaimState = Literal["stands", "fell", "disputed"]
CheckedBy = Literal["arithmetic", "critic"]


class Passage(Value):
    """A place in a document of the question.

    Attributes:
        document: its name.
        number: of the document among those of the question, from 1.
        start: where it begins in the document's text, in characters.
        end: where it ends there; the character at `end` is no part of it.
        page: the page on which it begins, from 1; None where there are no pages.
        text: it, word for word; of a long one the beginning.
        share: of the claim's content words, how many stand in it, in (0, 1].
    """

    document: str
    number: Annotated[int, Field(ge=1)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    page: int | None = None
    text: str = ""
    share: Annotated[float, Field(ge=0, le=1)]


class ClaimSource(Value):
    """One seat's wording of a claim.

    Attributes:
        seat: that made it, as "seat-2".
        turn: the id of the turn in which it did.
        text: as it stood there, on one line.
        merged: why it counts as the claim although its words differ: "same normal form", "a model judged them to say the same";
            empty for the wording that stands for all.
        passage: where its words stand in a document of the question; None where they stand in none.
    """

    seat: str
    turn: str
    text: str
    merged: str = ""
    passage: Passage | None = None

    @field_validator("passage", mode="before")
    @classmethod
    def _none_was_an_empty_text(cls, passage: object) -> object:
        return passage or None


class Stance(Value):
    """What a seat says of a claim that it was shown without a name.

    Attributes:
        turn: the id of the turn in which it does; that of the proposal where the claim is the seat's own.
        reason: in one line; empty where it gives none.
    """

    seat: str
    turn: str
    side: Side
    reason: str = ""


class Opinion(Value):
    """What was read of one claim in a reply about several.

    Attributes:
        reason: in one line; empty where there is none.
    """

    side: Side
    reason: str = ""


class ClaimCheck(Value):
    """What was found out about a claim by somebody, or something, that has no vote on it.

    Attributes:
        by: "arithmetic": what it computes was computed again, exactly; "critic": somebody attacked it.
        turn: the id of the critic's turn; empty where there is none.
        holds: whether it holds; None where that could not be told.
        reason: in one line.
    """

    by: CheckedBy
    turn: str = ""
    holds: bool | None
    reason: str = ""


class Claim(Value):
    """One claim of the panel: those of several seats that say the same are one.

    Attributes:
        id: its number in the run, from "1".
        text: the wording that stands for all.
        sources: whose it is, in the order of the seats.
        stances: what each seat says of it, its makers among them ("for").
        checks: what else was found out about it.
        state: "stands": it may be written into the answer; "fell"; "disputed": it is reported with both sides.
        confidence: in [0, 1): (voices for it + 1) / (all voices and seats that can't tell + 2); 0 where it computes wrongly.
        why: why it stands, fell or is disputed, in one line.
    """

    id: Annotated[str, Field(pattern="^[1-9][0-9]{0,3}$")]
    text: str
    sources: tuple[ClaimSource, ...] = ()
    stances: tuple[Stance, ...] = ()
    checks: tuple[ClaimCheck, ...] = ()
    state: ClaimState = "stands"
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    why: str = ""

    @property
    def seats_for(self) -> tuple[str, ...]:
        """The seats that made it or agree with it."""
        return tuple(stance.seat for stance in self.stances if stance.side == "for")

    @property
    def seats_against(self) -> tuple[str, ...]:
        """The seats that say it is wrong."""
        return tuple(stance.seat for stance in self.stances if stance.side == "against")


class Sentence(Value):
    """One sentence of an open answer; a list item, a line of a table or a block of code is one, too.

    Attributes:
        text: as it stands in the answer, without the numbers of claims.
        claims: the ids of the claims that it rests on.
        by_words: whether nobody named these claims, and they were found by the words that the sentence has in common with them.
        flags: what is wrong with it and was not mended, each in one line; empty where nothing is.
    """

    text: str
    claims: tuple[str, ...] = ()
    by_words: bool = False
    flags: tuple[str, ...] = ()


class Entailment(Value):
    """What a checker says of one sentence: whether the claims that it names say it.

    Attributes:
        sentence: its number among those that the checker was shown, from 1.
        reason: in one line; empty where it gives none.
    """

    sentence: Annotated[int, Field(ge=1)]
    follows: bool
    reason: str = ""


class Composition(Value):
    """An open answer, sentence by sentence, and what its check came to.

    Attributes:
        sentences: in their order.
        left_out: the ids of claims that stand and matter, and that it rests on nowhere.
        flags: what is wrong with the whole and was not mended.
        repaired: whether it was written once more after a check.
    """

    sentences: tuple[Sentence, ...] = ()
    left_out: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    repaired: bool = False
