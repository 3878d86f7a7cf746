"""Values that a reply format found in a reply besides an answer, a verdict or a choice."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from pydantic import ConfigDict, Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from contemplate.types.base import Json, Value
from contemplate.types.checked_steps import StepCheck
from contemplate.types.claims import Claim, Composition, Entailment, Opinion, Passage
from contemplate.types.criteria import Assessment, Criterion
from contemplate.types.focus import FocusView
from contemplate.types.refinement import Refinement
from contemplate.types.stakes import Scrutiny


class Found(Value):
    """The values found in a reply. What was not found is None, or False, and is left out of the JSON.

    A format of a third party may find more, under names of its own: `Found.model_validate({"mood": "calm"})`, read as
    `found.extra["mood"]`.

    Attributes:
        score: a score, in the range that was asked for.
        scores: the scores of two texts, A and B.
        points: the points that a ballot gives, by the ids of turns.
        ranking: the ids of turns, best first.
        approved: the ids of the turns that a ballot approves of; empty if of none.
        items: the texts of a list.
        word: the word that was said of a state of a search.
        value: what that word is worth.
        side: the side that a moderator finds right, or "none".
        order: the ids of the turns that were chosen from, as they were shown.
        unread: whether the choice could not be read, so that it is the first of `order`.
        tie: whether two replies were found equally good.
        grades: by the ids of the turns that were read, 0 to 5.
        agrees: whether an agent agrees with the solution on the table.
        importance: the importance of each seat, round by round, in [0, 1].
        digest: of the reply that was checked, in a few words.
        words: what others are shown of a reply that is a JSON object.
        claims: the claims of the panel on an open question, as they stand after the step.
        composition: an open answer, sentence by sentence.
        opinions: what was said of claims, by their ids.
        same: whether each of several pairs was found to say the same.
        reason: why, in one line.
        notes: what was left out or could not be done, in one line each.
        entailments: what a checker says of the sentences that it was shown.
        missing: the ids of the claims that it misses in the answer.
        criteria: those that were proposed.
        scored: what a judge gave, from 1 to 10, by the id of what it read and by criterion.
        assessment: what the judges gave, all together.
        scrutiny: what became of an answer on which much hangs.
        wrong_step: the number, from 1, of the first step of a reply that its critic finds wrong; 0 for none.
        step_checks: the steps of that reply that were computed again.
        refinement: the question, put more tightly.
        focus: who read what of the documents, where not all read all of them.
        passages: where in the documents stands what an answer rests on, where not all read all of them.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    score: float | None = None
    scores: tuple[float, float] | None = None
    points: dict[str, float] | None = None
    ranking: tuple[str, ...] | None = None
    approved: tuple[str, ...] | None = None
    items: tuple[str, ...] | None = None
    word: str | None = None
    value: float | None = None
    side: str | None = None
    order: tuple[str, ...] | None = None
    unread: bool = False
    tie: bool = False
    grades: dict[str, int] | None = None
    agrees: bool | None = None
    importance: tuple[dict[str, float], ...] | None = None
    digest: str | None = None
    words: str | None = None
    claims: tuple[Claim, ...] | None = None
    composition: Composition | None = None
    opinions: dict[str, Opinion] | None = None
    same: tuple[bool, ...] | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    entailments: tuple[Entailment, ...] | None = None
    missing: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] | None = None
    scored: dict[str, dict[str, float]] | None = None
    assessment: Assessment | None = None
    scrutiny: Scrutiny | None = None
    wrong_step: int | None = None
    step_checks: tuple[StepCheck, ...] | None = None
    refinement: Refinement | None = None
    focus: FocusView | None = None
    passages: tuple[Passage, ...] | None = None

    @property
    def extra(self) -> dict[str, JsonValue]:
        """The values that a format of a third party found, by its own names."""
        return self.__pydantic_extra__

    @model_serializer(mode="wrap")
    def _only_what_was_found(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        if not (self.__pydantic_fields_set__ or self.__pydantic_extra__):
            return {}
        fields = type(self).model_fields
        return {
            name: value
            for name, value in handler(self).items()
            if name not in fields or getattr(self, name) != fields[name].default
        }

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show only what was found."""
        fields = type(self).model_fields
        return (
            (name, value)
            for name, value in super().__repr_args__()
            if name is None or name not in fields or value != fields[name].default
        )

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - a JSON value, as it was before there were fields
        """The value found under `name`. Deprecated: read the field of that name, or `extra`."""
        return self._read_by_name(name).get(name, default)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - see `get`
        """The value found under `name`. Deprecated: read the field of that name, or `extra`.

        Raises:
            KeyError: nothing was.
        """
        return self._read_by_name(name)[name]

    def __contains__(self, name: str) -> bool:
        """Whether something was found under `name`. Deprecated: see whether the field of that name is None."""
        return name in self._read_by_name(name)

    def _read_by_name(self, name: str) -> Json:
        field = f".{name}" if name in type(self).model_fields else f".extra[{name!r}]"
        warnings.warn(f"found[{name!r}] goes with the next release: say found{field}", DeprecationWarning, stacklevel=3)
        return self.model_dump(mode="json")
