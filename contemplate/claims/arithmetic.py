"""What a claim computes, computed again exactly: `17 * 23 = 391`, `20 % of 50 is 10`.

Only what is clear is judged. What stands beside names, units, powers of ten in words, approximations, remainders or other bases
is not, nor what is said to be supposed or wrong, nor a result that is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from contemplate.answers.expression import parse
from contemplate.answers.polynomial import NotReadable
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import ClaimCheck

_UNCLEAR = regex(
    r"""(?xi) \b(?: mod | modulo | modulus | remainder | base | binary | hex | hexadecimal | octal | boolean | bits? | bytes?
    | approx\w* | about | roughly | around | nearly | almost | circa | rounded | clock | string | concat\w* | if | suppos\w+
    | assum\w+ | were | would | false | wrong | incorrect | mistak\w+ | error\w* | not | never | isn['’]?t | aren['’]?t | no
    | instead | claims? | claimed | unless | whether | vs | versus | score | version | log | ln | sin | cos | tan | exp | sqrt
    | root | gcd | lcm | min | max | matrix | vector ) \b
    | [≈≡≠≅~√∑∫!?^²³] \s? = | != | <= | >= | == | := | => | -> | \\ (?: approx | equiv | neq? | sqrt ) | ≈ | ≠ | ≡ | √ | "
    """
)
"""Words and signs near which an equality may be meant otherwise than as arithmetic, or not be claimed at all."""
_LATEX = {"\\times": "*", "\\cdot": "*", "\\div": "/", "\\%": "%", "\\$": "", "\\(": " ", "\\)": " ", "\\[": " ", "\\]": " "}
_SIGNS = str.maketrans({"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "$": "", "€": "", "£": "", "`": ""})
_NUMBER = r"\d{1,40}(?:[.,]\d{1,40})*"
_SHARE = regex(rf"({_NUMBER})\s?(?:%|per ?cent)\s+of\s+(?={_NUMBER})", re.I)
_WORDS = (
    (regex(r"(?<=[\d)])\s+(?:times|multiplied by)\s+(?=[\d(])", re.I), " * "),
    (regex(r"(?<=[\d)])\s*[xX]\s*(?=[\d(])"), " * "),
    (regex(r"(?<=[\d)])\s+plus\s+(?=[\d(])", re.I), " + "),
    (regex(r"(?<=[\d)])\s+minus\s+(?=[\d(])", re.I), " - "),
    (regex(r"(?<=[\d)])\s+divided by\s+(?=[\d(])", re.I), " / "),
    (regex(r"(?<=[\d)])\s+(?:is equal to|equals|makes|gives|is)\s+(?=-?\d)", re.I), " := "),
)
_STRONG = regex(r"(?<![\d)\s])\*\*|\*\*(?![\d(\s])|(?<!\S)\*\*(?=\d)|(?<=\d)\*\*(?!\S)")
_RUN = r"[\d.,+\-*/^()% ]{1,120}"
_EQUATION = regex(rf"(?P<left>{_RUN})(?P<sign>:?=)(?P<right>{_RUN})(?==|:=|(?P<next>.?.?))", re.S)
_BEFORE = regex(
    r"(?:\A|[:;.—(,]\s*|\b(?:that|as|so|is|because|since|hence|thus|therefore|namely|result|total|calculation|e\.g\.?)[ :]*)\Z",
    re.I,
)
_SCALE = regex(r"\A\s*(?:hundred|thousand|million|billion|trillion|k|m|bn|dozens?|times|pi|π|e\d|squared|cubed|per)\b", re.I)
_ENDS = regex(r"\A\s*(?:[;:)\]—!]|\Z|(?:and|so|which|because|as|but)\b)", re.I)
_OPERATOR = regex(r"(?<=[\d)%])\s*[-+*/^]\s*(?=[\d(-])")
_CLEAR_OPERATOR = regex(r"[+*]|\s[-/]\s")


class _Sides(NamedTuple):
    left: str
    right: str


def computed(text: str) -> ClaimCheck | None:
    """What comes of computing again what a claim computes; None where it computes nothing, or nothing that is clear.

    Args:
        text: of the claim.
    """
    if "=" not in text and not re.search(r"\d\D{0,40}\b(?:is|equals|makes|gives)\b\D{0,12}\d", text[:2_000]):
        return None
    if len(text) > 2_000 or _UNCLEAR.search(text):  # noqa: PLR2004 - no claim is so long
        return None
    found = [*_equations(_plain(text))]
    outcomes = [(sides, *_holds(sides)) for sides in found if sides is not None]
    if wrong := next(((sides, value) for sides, holds, value in outcomes if holds is False), None):
        (left, right), value = wrong
        return _check(holds=False, reason=f"{one_line(left)} is {value}, not {one_line(right)}")
    if outcomes and len(outcomes) == len(found) and all(holds for _, holds, _ in outcomes):
        reasons = (f"{one_line(left)} is {one_line(right)}" for (left, right), _, _ in outcomes)
        return _check(holds=True, reason="; ".join(reasons))
    return None


def _check(*, holds: bool, reason: str) -> ClaimCheck:
    return ClaimCheck(by="arithmetic", holds=holds, reason=one_line(reason, 200))


def _plain(text: str) -> str:
    """`text` with one sign for each operation."""
    for command, sign in _LATEX.items():
        text = text.replace(command, sign)
    text = _STRONG.sub("", text).translate(_SIGNS).replace("**", "^")
    text = _SHARE.sub(r"\1 / 100 * ", text)
    for words, sign in _WORDS:
        text = words.sub(sign, text)
    return text


def _equations(text: str) -> Iterator[_Sides | None]:
    """The two sides of each equality; None for one that is not clear, as its parts could be misread."""
    position, clear = 0, False
    while found := _EQUATION.search(text, position):
        goes_on = 0 < position == found.start() or (clear and text[position : found.start()].endswith("and"))
        sides = _sides(found, text, goes_on=goes_on)
        position, clear = found.start("right"), sides is not None
        yield sides


def _sides(found: re.Match[str], text: str, *, goes_on: bool) -> _Sides | None:
    """The sides of an equality that was found in `text`; None where what stands around it may change what it says.

    Args:
        found: both runs of signs, and what stands between them.
        text: in one sign for each operation.
        goes_on: it begins with the end of the one before it.
    """
    left, right = _side(found["left"]), _side(found["right"])
    if left is None or right is None or not (_OPERATOR.search(left) or _OPERATOR.search(right)):
        return None
    lead = found["left"][: len(found["left"]) - len(found["left"].lstrip(" ,.("))]
    before, after = text[: found.start()] + lead, text[found.end("right") :]
    if not goes_on and not _BEFORE.search(before[-40:]):
        return None
    adjacent = after[:1] in {"\\", "{", "_", "'", "°"} or (after[:1].isalpha() and not found["right"].endswith(" "))
    if adjacent or _SCALE.match(after):
        return None
    ends = _ENDS.match(after) or found["right"].rstrip()[-1:] in {".", ",", ")"}
    if found["sign"] == ":=" and not (ends and _CLEAR_OPERATOR.search(left)):
        return None
    return _Sides(left, right)


def _side(run: str) -> str | None:
    """A run of signs as one side of an equality: without what parts it from the sentence; None where it is none."""
    side = run.strip(" ,.")
    while side.count("(") != side.count(")"):
        if side.startswith("(") and side.count("(") > side.count(")"):
            side = side[1:].strip(" ,.")
        elif side.endswith(")") and side.count(")") > side.count("("):
            side = side[:-1].strip(" ,.")
        else:
            return None
    return side if side and side[0] in "0123456789(-." and side[-1] in "0123456789)%" else None


def _holds(sides: _Sides) -> tuple[bool | None, str]:
    """Whether both sides are equal as some way to read their separators has it, and what the left one comes to.

    None where one can't be read, or the right one may be rounded.
    """
    verdicts: list[bool | None] = []
    value = ""
    for left, right in _readings(sides):
        computed_left, computed_right = _value(left), _value(right)
        if computed_left is None or computed_right is None:
            return None, ""
        value = value or _written(computed_left)
        equal = computed_left == computed_right
        verdicts.append(True if equal else (None if _rounded(computed_left, right, computed_right) else False))
    if any(verdicts):
        return True, value
    return (None if None in verdicts or not verdicts else False), value


def _readings(sides: _Sides) -> list[tuple[str, str]]:
    """Both sides with decimal points and no other separators, in each way that commas and points can be meant."""
    whole = " = ".join(sides)
    readings: list[tuple[str, str]] = []
    if "%" in whole:
        if len(re.findall(r"\d\s*%", whole)) != len(re.findall(_NUMBER, whole)) or re.search(r"[*/^]", whole):
            return []
        sides = _Sides(sides.left.replace("%", ""), sides.right.replace("%", ""))
    if any(re.search(r"\d \d", side) for side in sides):
        return []
    if not re.search(r",(?!\d{3}(?!\d))", whole):
        readings.append((sides.left.replace(",", ""), sides.right.replace(",", "")))
    if "," in whole and not re.search(r"\.(?!\d{3}(?!\d))", whole):
        swapped = [side.replace(".", "").replace(",", ".") for side in sides]
        readings.append((swapped[0], swapped[1]))
    elif re.search(r"\.\d{3}(?!\d)", whole) and not re.search(r"\.(?!\d{3}(?!\d))", whole):
        readings.append((sides.left.replace(".", ""), sides.right.replace(".", "")))
    return readings


def _value(side: str) -> Fraction | None:
    try:
        return parse(side).constant
    except (NotReadable, ValueError, ZeroDivisionError, OverflowError):
        return None


def _rounded(value: Fraction, written: str, other: Fraction) -> bool:
    """Whether a number as it is written may be `value`, rounded or cut: it has more digits behind the point than were written."""
    number = re.fullmatch(r"-?\d*(?:\.(\d+))?", written.strip())
    if number is None:
        return value.denominator not in {1, other.denominator}
    unit = Fraction(1, 10 ** len(number[1] or ""))
    return (value / unit).denominator != 1 and abs(value - other) < unit


def _written(value: Fraction) -> str:
    exact = value.denominator
    while exact % 2 == 0:
        exact //= 2
    while exact % 5 == 0:
        exact //= 5
    return f"{float(value):.12g}" if exact == 1 else str(value)
