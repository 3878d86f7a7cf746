"""The plain form of a LaTeX answer: without what only sets type, with one spelling for what means the same."""

from __future__ import annotations

import re

from contemplate.text.patterns import regex

_MATRIX = r"\\begin{pmatrix}\1\\end{pmatrix}"
_COMMANDS = (
    (regex(r"(?<!\\)\\\\(?=(?:left|right|[dtc]?frac|sqrt|pi|text|[lg]eq?|cup|infty)(?![A-Za-z]))"), r"\\"),
    (regex(r"\\left\s?[\[(]\s?\\begin\{array\}\{[clr|]{1,9}\}(.{1,600}?)\\end\{array\}\s?\\right\s?[\])]", re.S), _MATRIX),
    (regex(r"\\(begin|end)\{[bB]matrix\}"), r"\\\1{pmatrix}"),
    (regex(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle|limits|rm|bf|it)(?![A-Za-z])[.]?"), ""),
    (regex(r"\\q?quad|\\(?:thinspace|enspace)(?![A-Za-z])|\\[ ,;:>]|~"), " "),
    (regex(r"\\!"), ""),
    (regex(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (regex(r"\\(?:leq|leqslant|le)(?![A-Za-z])|≤"), "<="),
    (regex(r"\\(?:geq|geqslant|ge)(?![A-Za-z])|≥"), ">="),
    (regex(r"\\lt(?![A-Za-z])"), "<"),
    (regex(r"\\gt(?![A-Za-z])"), ">"),
    (regex(r"\\(?:neq|ne)(?![A-Za-z])|≠"), "!="),
    (regex(r"\\(?:approx|equiv|simeq)(?![A-Za-z])|[≈≅]"), "="),
    (regex(r"\\lbrace(?![A-Za-z])"), r"\\{"),
    (regex(r"\\rbrace(?![A-Za-z])"), r"\\}"),
    (regex(r"\\infin(?![A-Za-z])|∞"), r"\\infty "),
    (regex(r"π"), r"\\pi "),
    (regex(r"√\s?(\d+)"), r"\\sqrt{\1}"),
    (regex(r"√"), r"\\sqrt"),
    (regex(r"∪"), r"\\cup "),
    (regex(r"\\?°|\^\s?\{?\s?\\circ\s?\}?|\\degree(?![A-Za-z])"), ""),
    (regex(r"\*\*"), "^"),
    (regex(r"(?<=[1-9])\{,\}(?=\d{3}(?!\d))|(?<=[1-9]\d)\{,\}(?=\d{3}(?!\d))|(?<=\d{3})\{,\}(?=\d{3}(?!\d))"), ","),
    (regex(r"(?<=\d)\{,\}(?=\d)"), "."),
    (regex(r"\\?\$"), ""),
)
_WORDS = regex(r"\\(?:text(?:bf|it|rm|normal)?|math(?:rm|bf|it)|mbox|operatorname)\s?\{([^{}]{0,200})\}(\^\s?\{?\d\}?)?")
_THOUSANDS = regex(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3}){1,33}(?!\d|,\d)")
_SPACED_THOUSANDS = regex(r"(?<=\d)(?:\\,|\\!,?|,\\!)\s?(?=\d{3}(?!\d))")
_MIXED = regex(r"(?<![\d.])(\d{1,100})\s+(\d{1,100})\s?/\s?(\d{1,100})(?!\d)")
_MIXED_IN_WORDS = regex(r"(?<=\d)\s+and\s+(?=\d{1,9}\s?/\s?\d)")
_UNIT = regex(
    r"""(?x) (?: (?<=[\d})%]) | (?<=π) | (?<=\\pi) ) \s* (?! per\s?cent | pct\b )
    (?:[a-zA-Z]{3,}|cm|mm|km|kg|ft|in|m|s|h|g|mg|ml|lb|oz|mi|hr) (?:\^\s?\{?[23]\}?)?
    (?: [\s/]+ [a-zA-Z]+ (?:\^\s?\{?[23]\}?)? ){0,4} $"""
)
_PERCENT = {"percent", "per cent", "percentage", "pct", "%", "\\%"}
_JOINTS = {"or", "and", ",", "", ", and", ", or", "and,"}


def plain_latex(text: str) -> str:
    """`text` in the plain form; units behind a number and degree signs are dropped."""
    text = _SPACED_THOUSANDS.sub("", text)
    for pattern, plain in _COMMANDS:
        text = pattern.sub(plain, text)
    text = _WORDS.sub(lambda words: _word(words, text), text)
    if not text.lstrip().startswith(("(", "[", "\\{")):
        text = _THOUSANDS.sub(lambda number: re.sub(r"[,\s]", "", number[0]), text)
    text = _MIXED_IN_WORDS.sub(" ", text)
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text)
    return text.strip()


def without_unit(text: str) -> str:
    """`text` without a unit in plain letters behind a space or a word of three letters and more."""
    return _UNIT.sub(lambda unit: "" if unit[0][0].isspace() else unit[0], text).strip()


def _word(words: re.Match[str], whole: str) -> str:
    """The text that words inside of LaTeX stand for: a comma, nothing (a unit behind a number), or themselves."""
    content = words[1].strip()
    if content in _JOINTS:
        return "," if content else " "
    if content in _PERCENT:
        return "%"
    before = whole[: words.start()].rstrip()
    return " " if before.endswith(tuple("0123456789})%")) else f" {content} "


def enclosed(text: str) -> tuple[str, str, str] | None:
    r"""`(opening, inside, closing)` of a tuple, interval or set (`\{...\}`, `{1, 2}`) that spans all of `text`, else None."""
    if text.startswith("\\{") and text.endswith("\\}") and len(text) >= len("\\{\\}"):
        return "{", text[2:-2], "}"
    if text.startswith("{") and text.endswith("}") and "," in text and _spans(text, "{", "}"):
        return "{", text[1:-1], "}"
    if len(text) > 1 and text[0] in "([" and text[-1] in ")]" and _spans(text):
        return text[0], text[1:-1], text[-1]
    return None


def _spans(text: str, opening: str = "([", closing: str = ")]") -> bool:
    depth = 0
    for index, character in enumerate(text):
        depth += (character in opening) - (character in closing)
        if depth == 0:
            return index == len(text) - 1
    return False


def split_top(text: str, separator: str) -> list[str]:
    """The parts of `text` between those separators that stand in no bracket."""
    parts, start, depth = list[str](), 0, 0
    for index, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == separator and depth <= 0 and not (separator == "=" and text[index - 1 : index] in {"<", ">", "!"}):
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]
