"""Numbers in plain characters: what typography, LaTeX and units put around digits is written one way."""

from __future__ import annotations

import re

_PLAIN = str.maketrans(
    {chr(0xFF01 + code): chr(0x21 + code) for code in range(94)}
    | dict.fromkeys("‐‑‒–—−﹣", "-")
    | dict.fromkeys("\u00a0\u2007\u2009\u202f\u200a", " ")
    | {"×": "*", "⋅": "*", "·": "*", "⁄": "/", "÷": "/", "’": "'", "‘": "'", "≈": "=", "≅": "="}
    | {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅛": " 1/8"}
    | {power: f"^{digit}" for digit, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
)
_LATEX = (
    (re.compile(r"\\[dtc]?frac\s?\{(-?\d{1,100})\}\s?\{(\d{1,100})\}"), r" \1/\2"),
    (re.compile(r"\\[dtc]?frac\s?(\d)\s?(\d)"), r" \1/\2"),
    (re.compile(r"\\(?:text|mathrm|mbox|textbf|mathbf)\s?\{([^{}]{0,80})\}"), r" \1 "),
    (re.compile(r"\{,\}|(?<=\d)\\[,!;](?=\d)|(?<=\d)\\,\s?(?=\d{3})"), ","),
    (re.compile(r"\\(?:times|cdot)(?![a-z])"), "*"),
    (re.compile(r"\\approx(?![a-z])"), "="),
    (re.compile(r"\\([$%])"), r"\1"),
    (re.compile(r"(?<=\d)[ ]and[ ]a[ ]half\b"), " 1/2"),
    (re.compile(r"(?<=\d)[ ]and[ ]a[ ]quarter\b"), " 1/4"),
)
_SPELLINGS = (
    (re.compile(r"(?<![\w)%] )(?<!\w)(?:minus|negative) (?=[$€£¥₹]?\d)", re.I), "-"),
    (re.compile(r"([$€£¥₹] ?-?[\d.,]{1,60})m\b", re.I), r"\1 million"),
    (re.compile(r"([$€£¥₹] ?-?[\d.,]{1,60})b\b", re.I), r"\1 billion"),
    (re.compile(r"(?<=\d) ?x ?(?=10\^)", re.I), "*"),
    (re.compile(r"(?<=[A-Za-z])\^\{?-?[1-4]\}?(?![\w^])"), ""),
    (re.compile(r"(?<=\d)_(?=\d{3}(?!\d))"), ""),
)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::\d\d)?(?!\d)")
_DATE = re.compile(r"(?<![\d/])\d{1,4}/\d{1,2}/\d{1,4}(?![\d/])")


def plain_text(text: str) -> str:
    """`text` with typographic and LaTeX forms of numbers written in plain characters."""
    text = text.translate(_PLAIN)
    if "\\" in text or "{," in text or " and a " in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return text


def prepared(text: str) -> str:
    """`text` in plain characters, without dates, clock times (but for the hour of a full one), and powers of units."""
    text = plain_text(text)
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    if "/" in text:
        text = _DATE.sub(" ", text)
    return _CLOCK.sub(lambda clock: clock[1] if clock[2] == "00" else " ", text) if ":" in text else text
