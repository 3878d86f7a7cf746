"""JSON values in replies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import answer_form, check_question, is_right, read, same, typed
from contemplate.errors import InputError
from contemplate.types import Question

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
WHO = Question(text="Who?", kind="json", json_schema=PERSON)
ANY = Question(text="What?", kind="json")
ADA = {"name": "Ada", "age": 36}


@pytest.mark.parametrize(
    ("reply", "how"),
    [
        ('Answer: {"name": "Ada", "age": 36}', "stated"),
        ('Answer: `{"age": 36.0, "name": "Ada"}`', "stated"),
        ('Answer:\n```json\n{\n  "name": "Ada",\n  "age": 36\n}\n```\nDone.', "stated"),
        ('**Answer:**\n{\n  "name": "Ada",\n  "age": 36\n}', "stated"),
        ('The answer is {"name": "Ada", "age": 36}. She was born in 1815.', "stated"),
        ('{"name": "Ada", "age": 36}', "last"),
        ('```json\n{"name": "Ada", "age": 36}\n```', "last"),
        ('First {"name": "Bob", "age": 1}, no: {"name": "Ada", "age": 36}', "last"),
        ('Take {"name": "Ada", "age": 36} and not {"name": "Bob"}', "last"),
        ('{"answer": {"name": "Ada", "age": 36}}', "last"),
        ('5" [see {"name": "Ada", "age": 36}', "last"),
        ('Answer: {"name": "Ada", "age": "36"}\n{"name": "Ada", "age": 36}', "last"),
    ],
)
def test_reads_the_value_that_satisfies_the_schema(reply: str, how: str) -> None:
    """Stated, fenced or anywhere: the last value that will do is the answer."""
    answer = read(reply, WHO)

    assert answer is not None
    assert (typed(answer, WHO), answer.how) == (ADA, how)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Ada, 36",
        'Answer: {"name": "Ada"}',
        'Answer: {"name": "Ada", "age": -1}',
        'Answer: {"name": "Ada", "age": 36, "x": 1}',
        '{"name": "Ada", "age": NaN}',
        '{"name": "Ada", "age": ' + "9" * 101 + "}",
        '{"name": "Ada", "age": 1e999}',
        '{"name": "Ada", "age": 36',
        "{" * 5_000,
        "[" * 5_000 + "]" * 5_000,
        "Answer: I don't know",
    ],
)
def test_reads_nothing_that_does_not(reply: str) -> None:
    """What does not satisfy the schema is no answer."""
    assert read(reply, WHO) is None


@pytest.mark.parametrize(
    ("reply", "value"), [("so [1, 2.0]", [1, 2]), ('{"a": {"b": 1}}', {"a": {"b": 1}}), ("Answer: 5", None), ("5", None)]
)
def test_any_object_or_array_without_a_schema(reply: str, value: object) -> None:
    """Without a schema, numbers and strings are no JSON answers."""
    answer = read(reply, ANY)

    assert (answer and typed(answer, ANY)) == value


@pytest.mark.parametrize(
    ("schema", "reply", "value"),
    [({"type": "integer"}, "Answer: 5", 5), ({"enum": ["a", "b"]}, 'Answer: "a"', "a"), ({}, "true", True)],
)
def test_a_schema_may_ask_for_a_plain_value(schema: dict[str, Any], reply: str, value: object) -> None:
    """A stated value, or a whole last line, need not be an object."""
    question = Question(text="?", kind="json", json_schema=schema)
    answer = read(reply, question)

    assert answer is not None
    assert typed(answer, question) == value


def test_order_of_keys_and_spaces_do_not_matter() -> None:
    """Values that are equal as JSON are the same answer, and the gold answer too."""
    question = ANY.model_copy(update={"gold": '{"b": [1, 0.50], "a": 1e2}'})
    one = read('{"a": 100, "b": [1.0, 0.5]}', question)
    other = read('Answer: {"b":[1,0.5],"a":100.0}', question)

    assert one is not None
    assert other is not None
    assert same(one, other) == "equal JSON"
    assert is_right(one, question)


def test_order_of_items_and_case_do_matter() -> None:
    """An array is a list, and text is text."""
    values = {answer.value for reply in ('["a","b"]', '["b","a"]', '["A","b"]') if (answer := read(reply, ANY))}

    assert len(values) == 3


def test_the_form_holds_the_schema_in_one_line() -> None:
    """The prompt says what is wanted, and a reply that repeats it is no answer."""
    form = answer_form(WHO)

    assert "\n" not in form
    assert json.loads(form.partition("the JSON Schema ")[2]) == PERSON
    assert read(form, WHO) is None
    assert (
        read(
            answer_form(Question(text="?", kind="json", json_schema={"type": "object"})),
            ANY.model_copy(update={"json_schema": {"type": "object"}}),
        )
        is None
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "objekt"}, "at type: 'objekt' is not valid"),
        ({"properties": []}, "at properties"),
        ({"pattern": "("}, "at pattern"),
        ({"$ref": "http://example.com/schema.json"}, "refers to 'http://example.com/schema.json'; only references within"),
        ({"properties": {"a": {"items": [{"$ref": "file:///etc/passwd"}]}}}, "refers to 'file:///etc/passwd'"),
        ({"properties": {"default": {"$ref": "other.json"}}}, "refers to 'other.json'"),
        ({"$ref": "#/$defs/missing"}, "which is not in it"),
        ({"properties": {"a": {"$ref": "#/$defs/missing"}}}, "which is not in it"),
        ({"$ref": "#"}, "refers to itself without end"),
        ({"anyOf": [{"description": "x" * 10_000}]}, "the most is 10,000 characters"),
        ({"enum": [float("nan")]}, "what is no JSON"),
        (json.loads('{"not":' * 40 + "{}" + "}" * 40), "nested deeper than 32"),
    ],
)
def test_schemas_that_cannot_be_used(schema: dict[str, Any], message: str) -> None:
    """Each gets one line that says what is wrong, before anything is called."""
    with pytest.raises(InputError) as caught:
        check_question(Question(text="?", kind="json", json_schema=schema))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_schema_needs_the_kind_json() -> None:
    """A schema beside another kind would be ignored, so it is refused."""
    with pytest.raises(InputError, match="of kind 'number', and not 'json'"):
        check_question(Question(text="?", kind="number", json_schema={}))


@pytest.mark.parametrize(
    "schema",
    [
        {},
        PERSON,
        {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}, "$ref": "#/$defs/node"},
        {"enum": [{"$ref": "http://example.com"}]},
        {"properties": {"$ref": {"type": "string"}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"},
    ],
)
def test_schemas_that_can_be_used(schema: dict[str, Any]) -> None:
    """Recursion that ends, references as data, and older drafts are fine."""
    check_question(Question(text="?", kind="json", json_schema=schema))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('ab "\\{}[],:', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab{]", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(VALUES, max_size=4) | st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=4), st.sampled_from([None, 0, 2])
)
def test_any_value_comes_back(value: object, indent: int | None) -> None:
    """What is written as JSON, on one line or on many, is read as the same value."""
    answer = read(f"Answer: {json.dumps(value, indent=indent)}", ANY)

    assert answer is not None
    assert typed(answer, ANY) == value
