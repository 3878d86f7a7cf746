"""Numbers in plain characters: what typography, LaTeX and units put around digits is written one way."""

from __future__ import annotations

import re
import unicodedata

from contemplate.text.patterns import regex

DASHES = "‐‑‒–—−﹣"
SPACES = "\u00a0\u2007\u2009\u202f\u200a"
_POWERS = {**{power: str(digit) for digit, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}, "⁻": "-", "⁺": "+"}
_FRACTIONS = {
    chr(code): unicodedata.normalize("NFKD", chr(code)).replace(chr(0x2044), "/")
    for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F), 0x2189)
}
_PLAIN = str.maketrans(
    {chr(0xFF01 + code): chr(0x21 + code) for code in range(94)}
    | dict.fromkeys(DASHES, "-")
    | dict.fromkeys(SPACES, " ")
    | {"×": "*", "⋅": "*", "·": "*", "⁄": "/", "÷": "/", "’": "'", "‘": "'", "≈": "=", "≅": "="}
)
_FRACTION = regex(f"(-?)([{''.join(_FRACTIONS)}])")
_POWER = regex("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,9}")
_LATEX_FRACTION = regex(r"(?:(-)\s?)?\\[dtc]?frac\s?(?:\{(-?\d{1,100})\}\s?\{(\d{1,100})\}|(\d)\s?(\d))")
_LATEX = (
    (regex(r"\\(?:text(?:normal|bf|it|rm)?|math(?:rm|bf)|mbox)\s?\{([^{}]{0,80})\}"), r" \1 "),
    (regex(r"(?<=\d)\{,\}(?!\d{3}(?!\d))"), "."),
    (regex(r"\{,\}|(?<=\d)\\[,!;](?=\d)|(?<=\d)\\,\s?(?=\d{3})"), ","),
    (regex(r"\\(?:times|cdot)(?![a-z])"), "*"),
    (regex(r"\\approx(?![a-z])"), "="),
    (regex(r"\\([$%])"), r"\1"),
    (regex(r"(?<=\d)[ ]and[ ]a[ ]half\b"), " 1/2"),
    (regex(r"(?<=\d)[ ]and[ ]a[ ]quarter\b"), " 1/4"),
)
_SPELLINGS = (
    (regex(r"(?<![\w)%] )(?<!\w)(?:minus|negative) {1,2}(?=[$€£¥₹]?\d)", re.I), "-"),
    (regex(r"([$€£¥₹] ?-?[\d.,]{1,60})m\b", re.I), r"\1 million"),
    (regex(r"([$€£¥₹] ?-?[\d.,]{1,60})b\b", re.I), r"\1 billion"),
    (regex(r"(?<=\d)(?: ?x ?(?=10\^)| x (?=\d))", re.I), "*"),
    (regex(r"(?<=[A-Za-z])\^\{?-?[1-4]\}?(?![\w^])"), ""),
    (regex(r"(?<=\d)_(?:(?=\d{3}(?!\d))|\{10\}|10\b)"), ""),
)
_MODULO = regex(
    r"(?<![\w.,^*/+)}×·-])(?<![\d^*/+)}×·-]\s)(-?\d{1,30})\s{0,3}(?:\\bmod|\bmod(?:ulo)?)\s{0,3}([1-9]\d{0,29})(?![\d.,]*\d|\s?\^)",
    re.I,
)
"""A remainder of one number by another; of a sum or a power (`2^10 mod 7`) its last number says nothing."""
_MODULUS = regex(r"\\pmod\s?(?:\{[^{}]{1,40}\}|\d)")
_SPACED = regex(r"(?<!\d)(?<!\d )\d{1,3}(?: \d{3})+(?!\d| \d)")
_CLOCK = regex(r"(?<![\d:])(\d{1,2}):(\d\d)(?::\d\d)?(?!\d)")
_DATE = regex(r"(?<![\d/])\d{1,4}/\d{1,2}/\d{1,4}(?![\d/])")


def plain_text(text: str) -> str:
    """`text` with typographic and LaTeX forms of numbers written in plain characters."""
    text = _FRACTION.sub(_vulgar, _POWER.sub(_power, text).translate(_PLAIN))
    if "\\" in text or "{," in text or " and a " in text:
        text = _LATEX_FRACTION.sub(_fraction, text)
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return text


def prepared(text: str) -> str:
    """`text` in plain characters, without dates, clock times (but for the hour of a full one), and powers of units."""
    text = plain_text(text)
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    text = without_spaces(text)
    if "mod" in text:
        text = _MODULO.sub(lambda found: str(int(found[1]) % int(found[2])), _MODULUS.sub("", text))
    if "/" in text:
        text = _DATE.sub(" ", text)
    return _CLOCK.sub(lambda clock: clock[1] if clock[2] == "00" else " ", text) if ":" in text else text


def without_spaces(text: str) -> str:
    """`text` with `12 000` as one number."""
    return _SPACED.sub(lambda number: number[0].replace(" ", ""), text)


def _power(power: re.Match[str]) -> str:
    """Raised digits as a power: `^3`, and in braces where there is more than one sign."""
    signs = "".join(_POWERS[sign] for sign in power[0])
    return f"^{signs}" if len(signs) == 1 else f"^{{{signs}}}"


def _fraction(fraction: re.Match[str]) -> str:
    """A fraction in plain characters: without a sign it stands apart, since a whole number may stand before it."""
    above, below = (part for part in fraction.groups()[1:] if part)
    return f"{fraction[1] or ' '}{above}/{below}"


def _vulgar(fraction: re.Match[str]) -> str:
    return f"{fraction[1] or ' '}{_FRACTIONS[fraction[2]]}"
