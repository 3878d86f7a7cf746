"""Tools from Python functions: what a model is told, and what comes of a call."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from contemplate import InputError, Tool, ToolError
from contemplate.errors import ProgramError
from contemplate.tools import BadArgumentsError, read_arguments
from contemplate.tools.calculator import calculate


def convert(amount: float, to: Literal["km", "mile"], *, digits: int = 2) -> dict[str, float]:
    """Convert a length.

    It knows two units.

    Args:
        amount: how much, in the other unit,
            which may be negative.
        to: the unit wanted.
        digits: after the point.

    Returns:
        The length.
    """
    return {to: round(amount * (1.609344 if to == "km" else 1 / 1.609344), digits)}


def test_the_schema_comes_from_signature_and_docstring() -> None:
    """Types, defaults, and what stands under Args."""
    spec = Tool.from_function(convert).spec

    assert ("convert", "Convert a length. It knows two units.") == (spec.name, spec.description)
    assert ["amount", "to"] == spec.parameters["required"]
    assert spec.parameters["properties"]["amount"] == {
        "description": "how much, in the other unit, which may be negative.",
        "title": "Amount",
        "type": "number",
    }
    assert ["km", "mile"] == spec.parameters["properties"]["to"]["enum"]
    assert 2 == spec.parameters["properties"]["digits"]["default"]


async def test_a_plain_function_and_an_asynchronous_one_are_called() -> None:
    """Texts as they are, other values as JSON."""

    async def shout(word: str) -> str:
        await asyncio.sleep(0)
        return word.upper()

    assert '{"km":16.09}' == await Tool.from_function(convert).work({"amount": 10, "to": "km"})
    assert "HI" == await Tool.from_function(shout).work({"word": "hi"})


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"amount": "many", "to": "km"}, "amount: "),
        ({"amount": 1}, "to: Field required"),
        ({"amount": 1, "to": "km", "more": 1}, "more: "),
    ],
)
async def test_wrong_arguments_are_named(arguments: dict[str, object], why: str) -> None:
    """And the function is not called."""
    with pytest.raises(BadArgumentsError, match=why):
        await Tool.from_function(convert).work(arguments)


@pytest.mark.parametrize("text", ["[1]", "{", "1", '{"a": NaN}'])
def test_arguments_are_a_json_object(text: str) -> None:
    """Anything else is none."""
    with pytest.raises(BadArgumentsError):
        read_arguments(text)


def test_what_can_not_be_told_to_a_model_is_refused() -> None:
    """In one line, when the tool is made."""

    def nameless(*values: int) -> int:
        return sum(values)

    def typeless(value) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
        return int(value)

    def opaque(value: ProgramError) -> str:
        return str(value)

    for function, why in ((nameless, "have a name"), (typeless, "has no type"), (opaque, "can't be told")):
        with pytest.raises(InputError, match=why if function is not nameless else "each have a name"):
            Tool.from_function(function)
    with pytest.raises(InputError):
        Tool.from_function(lambda: "", name="no good name")


def test_a_pure_tool_has_the_version_of_its_text() -> None:
    """So that old results of another text are not taken for its own."""
    one = Tool.from_function(convert, pure=True).spec.version

    assert one
    assert one == Tool.from_function(convert, pure=True).spec.version
    assert "2" == Tool.from_function(convert, pure=True, version="2").spec.version


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("17 * 23", "391"),
        ("1/3 + 1/6", "1/2 (= 0.5)"),
        ("1/3", "1/3 (about 0.333333333333333)"),
        ("2^10", "1024"),
        ("0.1 + 0.2", "3/10 (= 0.3)"),
        ("sqrt(2)", "1.4142135623731"),
        ("sqrt(9/4)", "3/2 (= 1.5)"),
        ("comb(10, 3) + factorial(5)", "240"),
        ("6 × 7 − 2", "40"),
        ("max(3, 7 // 2, -1)", "3"),
    ],
)
def test_the_calculator_is_exact(expression: str, value: str) -> None:
    """Fractions stay fractions."""
    assert value == calculate(expression)


@pytest.mark.parametrize(
    "expression",
    ["", "1/0", "9**9**9", "factorial(10**6)", "().__class__", "'a' * 9", "open('x')", "x", "log(0)", "1" + "+1" * 400, "1 +"],
)
def test_the_calculator_refuses_in_one_line(expression: str) -> None:
    """What is no arithmetic, or has no value that can be written down."""
    with pytest.raises(ToolError) as refused:
        calculate(expression)
    assert "\n" not in str(refused.value)
