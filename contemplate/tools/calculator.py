"""The tool `calculator`: arithmetic on exact fractions, and roots, logarithms and the like to 15 digits. Nothing is executed."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from contemplate.errors import ToolError
from contemplate.tools.tool import Tool

_LONGEST = 1_000
_DEEPEST = 40
_MOST_BITS = 20_000
"""Whole numbers that are longer are not worked out: 6,000 digits."""
_SHOWN = 60
"""Digits of a whole number, or of the parts of a fraction, that are shown in full."""

Number = Fraction | float

_SIGNS = str.maketrans({"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "^": "^"})
_BINARY: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
    ast.FloorDiv: lambda one, other: Fraction(one // other),
    ast.Mod: lambda one, other: one % other,
}
_CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}
_REAL: Mapping[str, Callable[..., float]] = {
    name: getattr(math, name)
    for name in (
        "exp",
        "log",
        "log2",
        "log10",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "degrees",
        "radians",
        "hypot",
    )
} | {"ln": math.log, "cbrt": math.cbrt}
_WHOLE: Mapping[str, Callable[..., int]] = {
    "gcd": math.gcd,
    "lcm": math.lcm,
    "factorial": math.factorial,
    "comb": math.comb,
    "perm": math.perm,
}
_ROUNDING: Mapping[str, Callable[[Number], int]] = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc}


def calculate(expression: str) -> str:
    """The value of an arithmetic expression: + - * / // % ** and parentheses, sqrt, log, sin, gcd, lcm, comb, factorial, pi, e.

    Fractions are exact: 1/3 + 1/6 is 1/2.

    Args:
        expression: as (17 * 23 + 4) / 3, or sqrt(2) * comb(10, 3).

    Raises:
        ToolError: it is none, or its value is too large.
    """
    text = expression.strip().translate(_SIGNS).replace("^", "**")
    if len(text) > _LONGEST:
        raise ToolError(f"the expression has {len(text):,} characters; at most {_LONGEST:,} are read")
    try:
        tree = ast.parse(text, mode="eval")
        return _shown(_value(tree.body, 0))
    except (SyntaxError, RecursionError, MemoryError):
        raise ToolError(f"no arithmetic expression: {text[:100]}") from None
    except ZeroDivisionError:
        raise ToolError("a division by zero") from None
    except (OverflowError, ValueError, TypeError) as error:
        raise ToolError(f"it has no value: {error}") from None


def _value(node: ast.expr, depth: int) -> Number:
    if depth > _DEEPEST:
        raise ToolError(f"it is nested more than {_DEEPEST} deep")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Fraction(ast.unparse(node)) if isinstance(number, float) and math.isfinite(number) else Fraction(number)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            inner = _value(operand, depth + 1)
            return -inner if isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, depth + 1), _value(right, depth + 1))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            return _bounded(_BINARY[type(sign)](_value(left, depth + 1), _value(right, depth + 1)))
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _bounded(_function(name, [_value(argument, depth + 1) for argument in arguments]))
        case _:
            raise ToolError(f"not arithmetic: {ast.unparse(node)[:100]}")


def _function(name: str, values: list[Number]) -> Number:  # noqa: PLR0911 - one for each kind
    match name, values:
        case _ if name in _REAL:
            return _REAL[name](*map(float, values))
        case _ if name in _WHOLE:
            whole = [_whole(value, name) for value in values]
            if name in {"factorial", "comb", "perm"} and max(whole, default=0) > _MOST_BITS // 10:
                raise ToolError(f"{name} of a number this large is not worked out")
            return Fraction(_WHOLE[name](*whole))
        case _, [value] if name in _ROUNDING:
            return Fraction(_ROUNDING[name](value))
        case "sqrt", [value]:
            return _root(value)
        case "abs", [value]:
            return value if value >= 0 else -value
        case "round", [value]:
            return Fraction(round(value))
        case "round", [value, digits]:
            return Fraction(round(Fraction(value), _whole(digits, name)))
        case "min" | "max", [_, *_]:
            return min(values) if name == "min" else max(values)
        case _:
            raise ToolError(f"there is no function {name} of {len(values)} numbers here")


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent.numerator)
        if bits > _MOST_BITS:
            raise ToolError("the power is too large")
        return Fraction(base**exponent.numerator)
    return math.pow(base, exponent)


def _root(value: Number) -> Number:
    if isinstance(value, Fraction) and value >= 0:
        above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if above**2 == value.numerator and below**2 == value.denominator:
            return Fraction(above, below)
    return math.sqrt(value)


def _whole(value: Number, name: str) -> int:
    if value != int(value):
        raise ToolError(f"{name} takes whole numbers")
    return int(value)


def _bounded(value: Number) -> Number:
    if isinstance(value, Fraction) and max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise ToolError("the value is too large")
    return value


def _shown(value: Number) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ToolError("it has no finite value")
        return f"{value:.15g}"
    if value.denominator == 1:
        digits = str(value.numerator)
        return digits if len(digits) <= _SHOWN else f"{digits} ({len(digits.lstrip('-'))} digits)"
    exact = f"{value.numerator}/{value.denominator}"
    decimal = f"{float(value):.15g}"
    if len(exact) > _SHOWN:
        return decimal
    return f"{exact} (= {decimal})" if Fraction(decimal) == value else f"{exact} (about {decimal})"


CALCULATOR = Tool.from_function(calculate, name="calculator", pure=True, version="1")
"""The tool."""
