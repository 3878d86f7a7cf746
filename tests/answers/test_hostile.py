"""Hostile replies: whatever a model writes is read in bounded time and memory, and nothing of it is ever run.

By default 300 replies, and 50,000 with `-m slow`: each as three of the kinds of answer, and six of the forms, in turn.
"""

from __future__ import annotations

import inspect
import itertools
import json
import math
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from builders import of_other_kinds
from contemplate.agents import reply_formats
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.answers import KINDS, classes, read, same, typed
from contemplate.types import Answer, Question
from forms import every_form

T = TypeVar("T")

BY_DEFAULT = 300
MANY = 50_000
KINDS_IN_TURN = 3
FORMS_IN_TURN = 6
CPU_SECONDS = 0.5
"""The most for one reply and one question. It takes a tenth of that; the rest is for a busy machine."""
MEMORY = 16 << 20
"""The most bytes that reading takes beside the reply itself."""
LARGEST, LARGEST_OPEN = 50_000, 201_000
"""The most characters of an answer, canonical form included; an open one is all of a reply."""

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"$ref": "#"}, "uniqueItems": True}, "b": {"type": ["string", "number"]}},
}
_QUESTIONS = (
    Question(text="How many?", kind="number"),
    Question(text="What percent?", kind="number"),
    Question(text="Which?", kind="choice", choices=("Paris", "London", "A cat", "1/2")),
    Question(text="Solve it.", kind="math"),
    Question(text="When? Write MM/DD/YYYY.", kind="date"),
    Question(text="When?", kind="date"),
    Question(text="Which ones?", kind="set"),
    Question(text="Is it?", kind="boolean"),
    Question(text="What?", kind="json"),
    Question(text="What?", kind="json", json_schema=SCHEMA),
    Question(text="What is it?", kind="text"),
)
QUESTIONS = (*_QUESTIONS[:-1], *of_other_kinds(_QUESTIONS), _QUESTIONS[-1])
FORMS = every_form(QUESTIONS)
LABELS = (
    *(
        "Answer: ",
        "Answer:\n",
        "**Final Answer:** ",
        "The answer is ",
        "The answer to the question is therefore ",
        "#### ",
        '"answer": ',
        '{"answer": "',
        "'answer': '",
    ),
    *(
        "\\boxed{",
        "\\fbox{",
        "Choice: ",
        "Verdict: ",
        "Final ranking: ",
        "Points: ",
        "Score: ",
        "Confidence: ",
        "Summary: ",
        "```json\n",
        "<think>",
        "</think>",
        "- ",
        "1. ",
        "",
    ),
)
PIECES = (
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "{}",
        "[]",
        "[[",
        "]]",
        '{"a":',
        '{"a":[',
        '"a":1,',
        '["',
        '"',
        "'",
        "\\",
        "\\\\",
        '\\"',
        ",",
        ";",
        ":",
        "=",
        "\n",
        "\r",
        "\t",
        " ",
    ),
    *(
        "\\frac{",
        "\\frac{1}{",
        "\\sqrt{",
        "\\sqrt[",
        "\\left(",
        "\\text{",
        "\\begin{pmatrix}",
        "\\end{",
        "\\[",
        "\\]",
        "$",
        "$$",
        "\\(",
        "^",
        "^{",
        "_",
        "\\",
        "\\u0000",
        "\\ud800",
    ),
    *(
        "10**10**10",
        "9^{9^{9^{9}}}",
        "9" * 60,
        "1,234,",
        "1.234.",
        "1 234 ",
        "0.",
        "1e9",
        "1e-",
        "1/",
        "1/2 ",
        "½",
        "５",
        "٣",
        "-",
        "+",
        "*",
        "/",
        "%",
        "€",
        "1:",
        "5!",
    ),
    *(
        "04/19/1969 ",
        "1969-",
        "April ",
        "19th of ",
        "02/30/2001",
        "or ",
        "and ",
        "not ",
        "is ",
        "the ",
        "because ",
        "yes ",
        "no ",
        "true ",
        "one hundred ",
        "and a half ",
        "point ",
        "dozen ",
    ),
    *(
        "A ",
        "(B) ",
        "option ",
        "C",
        "I don't know",
        "I am not able to ",
        "cannot be ",
        "```",
        "```\n",
        "</s>",
        "<|im_end|>",
        "[INST]",
        "<think>",
        "</think>",
        "\u202e",
        "\u200b",
        "\u200d",
        "\ufeff",
    ),
    *(
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\udfff",
        "\U0001f986",
        "é",
        "İ",
        "ß",
        "ﬁ",
        "\u0301",
        "\xa0",
        "\u2028",
        "the following: ",
        "Sure! ",
        "a" * 40,
        "A: 5, ",
        "accept ",
    ),
    *(
        "__import__('os').system('touch SENTINEL')",
        "exec(open('SENTINEL','w'))",
        "${jndi:x}",
        "{{7*7}}",
        "'; DROP TABLE x; --",
        "!!python/object/apply:os.system ['touch SENTINEL']",
    ),
)


def replies(count: int, sentinel: Path) -> Iterator[str]:
    """So many replies, always the same ones; one in 50, and of many 200, have 1 to 5 million characters."""
    code = PIECES[-6:]
    huge = max(50, count // 200)
    for number in range(count):
        draw = random.Random(number)
        size = draw.randrange(1_000_000, 5_000_000) if number % huge == 0 else int(10 ** draw.uniform(0, 4.6))
        shape = draw.randrange(6)
        if shape == 0:  # one piece over and over
            body = _filled(draw.choice(PIECES), size)
        elif shape == 1:  # nested
            opening, closing = draw.choice(
                [("[", "]"), ("{", "}"), ("(", ")"), ('{"a":[', "]}"), ("\\frac{", "}{2}"), ("\\sqrt{", "}"), ("\\boxed{", "}")]
            )
            depth = size // (2 * len(opening))
            body = opening * depth + "1" + closing * draw.choice([depth, depth - 1, 0])
        elif shape == 2:  # thousands of statements
            body = _filled("".join(draw.choice(LABELS) + draw.choice(PIECES) + "\n" for _ in range(8)), size)
        elif shape == 3:  # a cycle of a few pieces
            body = _filled("".join(draw.choices(PIECES, k=draw.randint(2, 6))), size)
        elif shape == 4:  # JSON, broken off or spoilt
            body = json.dumps(_value(draw, 5), ensure_ascii=draw.random() < 0.5)
            place = draw.randrange(len(body) + 1)
            body = body[:place] + draw.choice(["", draw.choice(PIECES)]) + body[place:] if draw.random() < 0.7 else body[:place]
        else:  # anything at all
            body = "".join(draw.choices(PIECES, k=min(size, 5_000)))
        ending = "\n" + draw.choice(LABELS) + "".join(draw.choices(PIECES, k=draw.randint(0, 4))) if draw.random() < 0.5 else ""
        extra = draw.choice(code) if draw.random() < 0.2 else ""
        yield (draw.choice(LABELS) + extra + body + ending).replace("SENTINEL", str(sentinel))


def _filled(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _value(draw: random.Random, depth: int) -> object:
    """A JSON value."""
    if depth == 0 or draw.random() < 0.2:
        return draw.choice([None, True, 0, -1.5, 10**50, 1e300, "\ud800\x00", "a", "", "\u202e"])
    several = [_value(draw, depth - 1) for _ in range(draw.randrange(6))]
    return several if draw.random() < 0.5 else dict(zip("abcdef", several, strict=False))


def read_as_answers(count: int, sentinel: Path) -> tuple[float, int]:
    """Read so many replies as answers; the most CPU seconds that one took, and how many answers came."""
    slowest, found = 0.0, 0
    read('{"a": []}', QUESTIONS[9])  # the library is imported
    for number, reply in enumerate(replies(count, sentinel)):
        for turn in range(KINDS_IN_TURN):
            question = QUESTIONS[(number * KINDS_IN_TURN + turn) % len(QUESTIONS)]
            if number % 100 == 0:
                tracemalloc.start()
                answer = read(reply, question)
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                assert peak < MEMORY, (number, question)
            else:
                answer, taken = timed(partial(read, reply, question))
                slowest = max(slowest, taken)
                assert taken < CPU_SECONDS, (number, question)
            if answer is not None:
                found += 1
                _is_sound(answer, question)
    return slowest, found


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and the CPU seconds that it takes: the least of three if the first are too many.

    A machine that is busy elsewhere, or a collection of garbage, makes one slow; what is slow by itself is so each time.
    """
    least = math.inf
    for _ in range(3):
        began = time.process_time()
        result = work()
        least = min(least, time.process_time() - began)
        if least < CPU_SECONDS:
            break
    return result, least


def _parsed(form: ReplyFormat, reply: str, *, as_object: bool) -> None:
    form.reading(reply, as_object=as_object)
    if form.program is not None:
        form.program(reply)


def _is_sound(answer: Answer, question: Question) -> None:
    assert answer.text
    assert answer.value
    assert len(answer.text) + len(answer.value) < (LARGEST_OPEN if question.kind == "open" else LARGEST)
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
    assert same(answer, answer) == "same text"
    assert classes([answer, answer]) == ([0, 0], [])
    hash(repr(typed(answer, question)))


def parse_every_form(count: int, sentinel: Path) -> float:
    """Read so many replies as verdicts, choices, rankings and so on; the most CPU seconds that one took."""
    slowest, named = 0.0, list(FORMS.items())
    for number, reply in enumerate(replies(count, sentinel)):
        for turn in range(FORMS_IN_TURN):
            name, form = named[(number * FORMS_IN_TURN + turn) % len(named)]
            _, taken = timed(partial(_parsed, form, reply, as_object=bool(turn % 2)))
            slowest = max(slowest, taken)
            assert taken < CPU_SECONDS, (number, name)
    return slowest


def test_the_replies_are_hostile(tmp_path: Path) -> None:
    """The generator makes what it is said to make, and the same each time."""
    some = list(itertools.islice(replies(200, tmp_path / "sentinel"), 200))

    assert some == list(replies(200, tmp_path / "sentinel"))
    assert max(map(len, some)) > 1_000_000
    for sign in ("\x00", "\ud800", "\u202e", "\u200b", "10**10**10", "__import__", "\\frac{", "Answer:", "[[[["):
        assert any(sign in reply for reply in some), sign


def test_every_kind_is_in_the_questions() -> None:
    """No kind is left out."""
    assert set(KINDS) == {question.kind for question in QUESTIONS}


def test_every_form_is_read() -> None:
    """No form of a reply is left out."""
    made = {
        name
        for name, made in inspect.getmembers(reply_formats, inspect.isfunction)
        if inspect.signature(made).return_annotation == "ReplyFormat"
    }
    assert made == {name.partition(" ")[0] for name in FORMS}


def test_answers_are_read_from_hostile_replies(tmp_path: Path) -> None:
    """Each reply gives an answer or none for each kind, in bounded time and memory, and runs nothing."""
    sentinel = tmp_path / "sentinel"
    _, found = read_as_answers(BY_DEFAULT, sentinel)

    assert found > BY_DEFAULT / 2
    assert not sentinel.exists()


def test_hostile_replies_are_parsed(tmp_path: Path) -> None:
    """What critics, judges and voters are to say is read from the same replies, or not, in bounded time."""
    sentinel = tmp_path / "sentinel"
    parse_every_form(BY_DEFAULT, sentinel)

    assert not sentinel.exists()


@pytest.mark.slow
def test_many_more_hostile_replies(tmp_path: Path) -> None:
    """The same over 50,000; prints how long the slowest took."""
    sentinel = tmp_path / "sentinel"
    slowest, found = read_as_answers(MANY, sentinel)
    parsed = parse_every_form(MANY, sentinel)
    print(f"{MANY} replies, {found} answers; at most {1000 * slowest:.0f} ms an answer, {1000 * parsed:.0f} ms any other form")

    assert not sentinel.exists()
