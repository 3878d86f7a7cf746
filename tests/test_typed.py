"""Answers as Python values, and objects that satisfy a schema."""

from __future__ import annotations

import json
from datetime import date

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from contemplate import InputError, Outcome, ScriptedBackend, solve
from contemplate.types import AnswerKind


class Point(BaseModel):
    """A place on a grid."""

    x: int
    y: int

    @field_validator("x")
    @classmethod
    def _small(cls, x: int) -> int:
        if x > 100:
            raise ValueError("too far out")
        return x


async def answered(*replies: str, answer: AnswerKind | type[BaseModel] | None, **options: object) -> Outcome:
    """One run of so many seats with these replies."""
    backend = ScriptedBackend(lambda request: replies[request.draw])
    seats = {"seats": len(replies)}
    return await solve(
        "Where?", "self-consistency", backend=backend, answer=answer, ledger=":memory:", parameters=seats, **options
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "reply", "expected"),
    [
        ("number", "Answer: 42", 42),
        ("boolean", "Yes, it is.\nAnswer: yes", True),
        ("date", "Answer: 04/19/1969", date(1969, 4, 19)),
        ("set", "Answer: red, blue, red", frozenset({"red", "blue"})),
        ("json", 'Answer: {"b": [1, 2.0]}', {"b": [1, 2.0]}),
        ("text", "Answer: Mark Twain", "mark twain"),
    ],
)
async def test_values(kind: AnswerKind, reply: str, expected: object) -> None:
    """Each kind gives its Python value."""
    outcome = await answered(reply, answer=kind)

    assert outcome.value == expected
    assert type(outcome.value) is type(expected)


async def test_a_pydantic_model_is_a_kind_of_answer() -> None:
    """Its schema decides what counts as an answer, equal objects are one answer, and the value is an instance."""
    outcome = await answered(
        'So:\n```json\n{"x": 1, "y": 2}\n```',
        'Answer: {"y": 2, "x": 1}',
        'Answer: {"x": "one"}',
        'Answer: {"x": 3, "y": 4}',
        answer=Point,
    )

    assert outcome.value == Point(x=1, y=2)
    assert outcome.decision is not None
    assert [row.votes for row in outcome.decision.tally] == [2, 1]
    assert outcome.decision.abstentions == ("seat-3",)


async def test_what_no_schema_can_say_is_checked_when_it_is_read() -> None:
    """A validator of the model raises where the value is asked for."""
    outcome = await answered('Answer: {"x": 101, "y": 2}', answer=Point)

    with pytest.raises(ValidationError, match="too far out"):
        _ = outcome.value


async def test_no_answer_has_no_value() -> None:
    """None, as the answer is."""
    outcome = await answered("hm", answer="number")

    assert outcome.value is None


async def test_a_schema_alone_means_json() -> None:
    """The kind need not be said."""
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2}
    outcome = await answered("Answer: [1]", "Answer: [1, 2]", answer=None, schema=schema)

    assert outcome.value == [1, 2]
    assert json.dumps(outcome.question.json_schema) == json.dumps(schema)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"answer": Point, "schema": {}}, "give one of the two"),
        ({"answer": "json", "schema": {"type": "objekt"}}, "schema"),
        ({"answer": "number", "schema": {"type": "object"}}, "Schema is given"),
        ({"answer": "json", "schema": {"$ref": "http://127.0.0.1:9/x"}}, "ref"),
    ],
)
async def test_bad_schemas_are_refused(options: dict[str, object], expected: str) -> None:
    """One line, before anything is called."""
    backend = ScriptedBackend([])
    with pytest.raises(InputError, match=expected):
        await solve("Where?", "single", backend=backend, ledger=":memory:", **options)  # type: ignore[arg-type]

    assert backend.requests == []
