"""Mathematical expressions in LaTeX or plain characters: the same when their values or their normal forms are equal.

What can be computed exactly (rational numbers, square roots, polynomials in symbols such as x and pi) is; of everything else the
normal form of the LaTeX counts. Sets and lists of solutions are unordered, tuples and intervals keep order and brackets. A
name before an equals sign (`x =`) is dropped, but for a list of values of several names (`x=1, y=2`); so are units and degree
signs, and an approximation behind an exact value. Percent are read as in `contemplate.answers.number`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from contemplate.answers.boxes import boxes
from contemplate.answers.expression import parse
from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, denies
from contemplate.answers.latex import enclosed, plain_latex, split_top, without_unit
from contemplate.answers.number import APPROXIMATELY, NumberKind, numeric, wants_percent, wants_rounded
from contemplate.answers.numeral import unnumbered
from contemplate.answers.polynomial import NotReadable
from contemplate.answers.relations import MEMBERSHIP, interval_of
from contemplate.answers.signs import plain_text
from contemplate.answers.text import normal_form
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

MAX_LENGTH = 1_000
_NESTING = 4

_SEGMENT = regex(
    r"""(?xs) \$\$ ([^$]{1,600}) \$\$ | (?<!\\) \$ ([^$\n]{1,600}) (?<!\\) \$
    | \\\( ([^\n]{1,600}?) \\\) | \\\[ (.{1,600}?) \\\]"""
)
_JOINT = regex(r"[\s,;]*(?:and|or)?[\s,;]*")
_JOINING = regex(r"(?<=[\w}),] )and\b(?= \S)")
_WORD = regex(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_TEXT_COMMAND = regex(r"\\[A-Za-z]+\s?\{[^{}]{0,200}\}|\\[A-Za-z]+")
_NAME = regex(
    r"(?:[A-Za-z]|[A-Z]{2}|\|[A-Z]{2}\||\[[A-Z]{3,5}\]"
    r"|\\[A-Za-z]+|m?\\(?:angle|triangle|overline|vec)\{?[A-Za-z]{1,4}\}?|[A-Za-z]{3}[A-Za-z ]{0,40})"
    r"(?:_\{?\w{1,8}\}?)?(?:(?:\^\{?-1\}?|'{1,3})?\([\w,]{0,12}\))?"
)
_TUPLE_OF_NAMES = regex(r"\((?:[A-Za-z]|\\[A-Za-z]+)(?:,(?:[A-Za-z]|\\[A-Za-z]+)){1,8}\)")
_DECIMAL_COMMA = regex(r"\A(-?0),(?=\d{3,}\Z)")
_REASON = regex(r"\\(?:text|mbox|textnormal)\{[\s,]*\(?\s*(?:since|because|where|when)\b.*", re.S)
_WORKING = regex(r"([^()]{1,60}?)\s{1,4}\(([^()]{1,200})\)")
_BEHIND = regex(r",?\s*\b(?:where|since|because|when|for (?:all|some|any|every)|for (?=[A-Za-z] ?=))\b")
_SAYS = regex(r"\s*(?:is|are|equals)(?: equal to| exactly| just| only)?:?\s+(?!the\b|a\b|an\b)(\S.*)", re.S)
_SAID = regex(r".*\b(?:is|are|equals)(?: equal to| exactly| just| only)?:?\s+((?=.*[\d\\])\S.*)", re.S)
_BOTH = regex(r"\Aboth\s+(?=\S{1,80}\sand\s)", re.I)
_NUMBERED = regex(r"([A-Za-z])_\{?(\d)\}?")
_OR = regex(r"(?:\s|(?<=[)\]}\d]))(?:or|and)(?:\s|(?=[\dA-Z(\[{\\-]))")
_RATIO_OF_NAMES = regex(r"[A-Z]{1,2}(?:_\{?\w{1,8}\}?)?(?::[A-Z]{1,2}(?:_\{?\w{1,8}\}?)?){1,3}|\\frac\{[A-Z]{2}\}\{[A-Z]{2}\}")
_SENTENCE_END = regex(r"(?<=[\w)}\]$%])[.!?]\s+(?=[A-Z])")
_PERCENT_BEHIND = regex(r"\s?(?:\\?%|(?:per ?cent|pct|percentage(?! points?))\b)")
_LONE = regex(r"\((\w|\d+)\)|\{(\w|\d+)\}")
_FRACTION = regex(r"\\frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
_NUMBER = NumberKind()


class MathKind:
    """An expression, an equation, a tuple, an interval, a set."""

    name: AnswerKind = "math"
    span: Span = "line"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: an expression in LaTeX."""
        return "Answer: <expression in LaTeX>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The expression that a statement consists of, or that stands in it between maths signs."""
        text = unnumbered(bare(text))
        if abstains(text) or denies(text):
            return NOTHING
        expression = _unboxed(_stated(_BOTH.sub("", text)))
        expression = _REASON.sub("", expression)
        reason = _BEHIND.search(expression)
        if reason and re.search(r"\d", expression[: reason.start()]):
            expression = expression[: reason.start()]
        if wants_rounded(question):
            expression = APPROXIMATELY.split(expression)[-1]
        expression = _first_sentence(expression)
        begins = re.match(r"\W{0,3}\d", expression)
        if _is_prose(expression) and not begins and (said := _SAID.match(expression)) and not _is_prose(_first_sentence(said[1])):
            expression = _first_sentence(said[1])
        if _is_prose(expression):
            number = _NUMBER.read(expression, question) if begins else None
            return number or _reading(expression, normal_form(expression))
        return _reading(expression, canonical(expression, percent=wants_percent(question)))

    def last(self, text: str, question: Question) -> Reading | None:
        """The expression between the last maths signs; else the last number."""
        segments = [match for match in _SEGMENT.finditer(text) if not _is_currency(match)]
        for match in segments[:-4:-1]:
            if found := self.read(_inside(match), question):
                return found
        return _NUMBER.last(text, question)

    def reason(self, value: str) -> str:
        """The reason why two answers are the same: equal numbers, or one normal form."""
        return "same normal form" if numeric(value) is None else "equal number"

    def typed(self, value: str) -> object:
        """The number, if it is one; else the canonical form."""
        number = numeric(value)
        return value if number is None else _NUMBER.typed(str(number))


def canonical(text: str, *, percent: bool = False, nesting: int = _NESTING) -> str:
    """The canonical form of an expression; empty if nothing is left of it."""
    text = bare(plain_latex(_plain_signs(_exact(_unexplained(text[:MAX_LENGTH])))))
    text = _DECIMAL_COMMA.sub(r"\1.", MEMBERSHIP.sub("", text))
    if nesting and (outer := enclosed(text)):
        opening, inside, closing = outer
        parts = _parts(inside)
        if len(parts) > 1 or opening == "{":
            forms = [canonical(part, percent=percent, nesting=nesting - 1) for part in parts]
            return opening + ", ".join(sorted(set(forms)) if opening == "{" else forms) + closing
    parts = [part for joined in _OR.split(text) for part in _parts(joined) if part]
    if nesting and len(parts) > 1:
        return _listed(parts, percent=percent, nesting=nesting - 1)
    if nesting and (interval := interval_of(text)):
        return canonical(interval, percent=percent, nesting=nesting - 1)
    if nesting and (right := _right_side(text)) != text:
        return canonical(right, percent=percent, nesting=nesting - 1)
    return _scalar(text, percent=percent)


def _listed(parts: list[str], *, percent: bool, nesting: int) -> str:
    """The canonical form of several values: with their names, if those differ (`x=1, y=2`)."""
    sides = [split_top(part, "=") for part in parts]
    names = {side[0].replace(" ", "") for side in sides}
    if (
        len(names) > 1
        and not _are_numbered(names)
        and all(len(side) > 1 and _NAME.fullmatch(side[0].replace(" ", "")) for side in sides)
    ):
        named = {f"{side[0].replace(' ', '')}={canonical(side[-1], percent=percent, nesting=nesting)}" for side in sides}
        return ", ".join(sorted(named))
    return ", ".join(sorted({canonical(part, percent=percent, nesting=nesting) for part in parts}))


def _parts(text: str) -> list[str]:
    """The values of a list: between semicolons, where there are some (a value of several parts is a tuple then), else commas."""
    parts = split_top(text, ";")
    if len(parts) == 1:
        return split_top(text, ",")
    return [f"({part})" if len(split_top(part, ",")) > 1 else part for part in parts]


def _are_numbered(names: set[str]) -> bool:
    """Whether names are x_1, x_2 and so on, as the solutions of one equation are called."""
    found = [_NUMBERED.fullmatch(name) for name in sorted(names)]
    return len({name[1] for name in found if name}) == 1 and [str(place) for place in range(1, len(names) + 1)] == [
        name[2] if name else "" for name in found
    ]


def _exact(text: str) -> str:
    """What stands before "approximately equal", unless that is but a name."""
    exact, *rest = APPROXIMATELY.split(text)
    name = exact.replace(" ", "")
    return rest[-1] if rest and name != "\\pi" and (not name or _NAME.fullmatch(name)) else exact


def _unexplained(text: str) -> str:
    """`text` without working in brackets that comes to what stands before it (`18 (3 * 6)`)."""
    working = _WORKING.fullmatch(text)
    if working and _is_constant(working[1]) and _value_of(working[1]) == _value_of(working[2]):
        return working[1]
    return text


def _value_of(text: str) -> Fraction | None:
    try:
        return parse(plain_latex(_plain_signs(text))).constant
    except NotReadable:
        return None


def _plain_signs(text: str) -> str:
    """`text` with the typographic minus, fractions and powers in plain characters, and LaTeX as it is."""
    return plain_text(text) if "\\" not in text else text.replace("−", "-").replace("–", "-")


def _scalar(text: str, *, percent: bool) -> str:
    text = without_unit(text)
    hundredths = re.fullmatch(r"(.*?)\s?\\?(?:%|\s?per ?cent(?:age)?|\s?pct)", text)
    try:
        value = parse(hundredths[1] if hundredths else text)
        return str(value / parse("100") if hundredths and not percent else value)
    except NotReadable:
        number = numeric(text, percent=percent)
        if number is not None:
            return str(number)
        return normal_form(text) if _is_prose(text) else _squeezed(text)


def _right_side(text: str) -> str:
    """The right side of an equation whose left side is a name; any other equation itself."""
    parts = split_top(text, "=")
    if len(parts) == 1 or not parts[-1]:
        return text
    left = parts[0].replace(" ", "")
    if len(parts) == 2 and re.fullmatch("[A-Za-z]", parts[1]) and _is_constant(parts[0]):  # noqa: PLR2004 - 4 = x
        return parts[0]
    is_name = _NAME.fullmatch(left) or _TUPLE_OF_NAMES.fullmatch(left) or _RATIO_OF_NAMES.fullmatch(left)
    return parts[-1] if is_name or all(_is_constant(part) for part in parts) else text


def _is_constant(text: str) -> bool:
    try:
        return parse(without_unit(text)).constant is not None
    except NotReadable:
        return False


def _squeezed(text: str) -> str:
    """The text form of what could not be computed: no spaces, fractions as divisions, no brackets round single signs."""
    text = re.sub(r"\s+", "", text)
    for _ in range(_NESTING):
        text = _FRACTION.sub(r"(\1)/(\2)", text)
    return _LONE.sub(lambda lone: lone[1] or lone[2], text).replace("\\cdot", "*").replace("\\times", "*")


def _stated(text: str) -> str:
    """The expression in a statement: what stands between its maths signs, if it has any."""
    segments = list(_SEGMENT.finditer(text))
    if not segments or (len(segments) == 1 and _is_currency(segments[0])):
        return text.strip("$ ") if text.count("$") % 2 == 0 else text
    segments = _before_reason(text, segments)
    for segment in segments[::-1]:
        said = _SAYS.match(text, segment.end())
        if said and _NAME.fullmatch(_inside(segment).replace(" ", "")):
            return said[1].strip("$ ")
    if text[: segments[0].start()].strip():
        return ", ".join(map(_inside, _closing(text, segments)))
    joined = [_inside(segments[0])]
    for before, after in pairwise(segments):
        if not _JOINT.fullmatch(text, before.end(), after.start()):
            break
        joined.append(_inside(after))
    return ", ".join(joined)


def _before_reason(text: str, segments: list[re.Match[str]]) -> list[re.Match[str]]:
    """The segments before a word outside of them that begins a reason or a condition; all, if that is none."""
    for place, (before, after) in enumerate(pairwise(segments), 1):
        if _BEHIND.search(text, before.end(), after.start()):
            return segments[:place]
    return segments


def _closing(text: str, segments: list[re.Match[str]]) -> list[re.Match[str]]:
    """The last segment, and those before it that are joined to it as values of one list."""
    found = [segments[-1]]
    for before in segments[-2::-1]:
        is_joined = _JOINT.fullmatch(text, before.end(), found[0].start()) and text[before.end() : found[0].start()].strip()
        if not is_joined or _NAME.fullmatch(_inside(before).replace(" ", "")):
            break
        found.insert(0, before)
    return found


def _first_sentence(text: str) -> str:
    """The first sentence of `text`, if that is an expression and the whole is not."""
    first = _SENTENCE_END.split(text, maxsplit=1)[0]
    return first if first != text and _is_prose(text) and not _is_prose(first) else text


def _inside(match: re.Match[str]) -> str:
    """What stands between maths signs, with the percent sign behind them."""
    inside = next(group for group in match.groups() if group is not None).strip()
    return f"{inside}\\%" if inside[-1:].isdigit() and _PERCENT_BEHIND.match(match.string, match.end()) else inside


def _is_currency(match: re.Match[str]) -> bool:
    """Whether two dollar signs are prices with words between them ("$5 and then $")."""
    return match[2] is not None and match[2].endswith(" ") and _is_prose(match[2])


def _unboxed(text: str) -> str:
    return next(boxes(text), text)


def _is_prose(text: str) -> bool:
    """Whether words stand in `text` that are no names of LaTeX, units or left sides."""
    without_name = text.rpartition("=")[2]
    if text.strip().casefold() == "no":
        return True
    return _WORD.search(_JOINING.sub(" ", _TEXT_COMMAND.sub(" ", without_unit(without_name)))) is not None


def _reading(text: str, value: str) -> Reading | None:
    return Reading(text, value) if value else None
