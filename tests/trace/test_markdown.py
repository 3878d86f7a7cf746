"""An outcome as a page: everything on it is text, whoever wrote it; what it says is right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from claiming import a_claim
from contemplate.trace.markdown import Report, page
from contemplate.types import Claim, ClaimCheck, ClaimSource, ClaimState, Composition, Decision, Sentence, Stance, Tally, Usage

_HOSTILE = st.sampled_from(
    [
        *(
            "<img src=http://x.y>",
            "![a](http://x.y)",
            "[a](javascript:b)",
            "[1]: http://x.y",
            "[^1]: http://x.y",
            "<script>",
            "|",
        ),
        *("`", "\n", "\n\n## Votes\n", "\n```\n", "~~~", "---", "- ", "> ", "plain words", "www.x.y", "http://x.y", "\x1b[31m"),
        *("\u202e", "\\"),
    ]
)
_WORDS = st.lists(_HOSTILE, max_size=6).map(" ".join)
_DEAD = re.compile(r"<(img|a|script|iframe|object|embed|link|style|svg)\b|javascript:[^<]*\"|<!--", re.IGNORECASE)


def a_report(**fields: Any) -> Report:
    """A report on an open answer."""
    given_ = {
        "run": "20261129-1",
        "question": "Why?",
        "answer": "So.",
        "confidence": 0.5,
        "stopped": "completed",
        "detail": None,
        "strategy": "contemplating-open",
        "models": ("m",),
        "usage": Usage(calls=3, prompt_tokens=10, completion_tokens=5, usd=0.01),
        "decision": None,
        "dissent": (),
        "claims": (),
        "composition": None,
        "is_open": True,
    }
    return Report(**{**given_, **fields})


def hostile(words: str) -> Report:
    """A report that holds these words wherever a model, a user or a file could have put words."""
    states: tuple[ClaimState, ...] = ("stands", "disputed", "fell")
    claims = tuple(
        Claim(
            id=str(number),
            text=words,
            sources=(ClaimSource(seat=words, turn=words, text=words),),
            stances=tuple(Stance(seat=words, turn="t", side=side, reason=words) for side in ("for", "against")),
            checks=(ClaimCheck(by="critic", holds=None, reason=words),),
            state=state,
            why=words,
        )
        for number, state in enumerate(states, 1)
    )  # fmt: skip
    sentences = (Sentence(text=words.strip() or "x", claims=("1", words), flags=(f"does not follow: {words}",)),)
    composition = Composition(sentences=sentences, left_out=(words, "1"), flags=(words,))
    decision = Decision(rule="composition", winner=words, tally=(), margin=0, dissent=(words,))
    more: dict[str, Any] = {"run": words, "question": words, "detail": words, "strategy": words, "models": (words, words)}
    return a_report(**more, answer=words.strip() or "x", claims=claims, composition=composition, decision=decision)


@given(_WORDS)
def test_words_are_words(words: str) -> None:
    """Nothing is loaded, nothing leads anywhere, and no section is made up."""
    text = page(hostile(words))
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    assert _DEAD.search(html) is None
    assert "\x1b" not in text
    assert "\u202e" not in text
    own = ["Where the panel disagrees", "Claims", "What to know of this answer", "How it came about"]
    assert [heading for heading in re.findall(r"<h2>([^<]*)</h2>", html) if heading in own] == own
    assert html.count("<table>") <= 2


def test_the_page() -> None:
    """All of it, by hand."""
    table = (
        a_claim(1, "++", text="It is safe"),
        a_claim(2, "+-", "disputed", "It is dear").model_copy(
            update={"checks": (ClaimCheck(by="arithmetic", holds=False, reason="2 > 1"),)}
        ),
    )
    answer = "Use it. Or not."
    composition = Composition(
        sentences=(Sentence(text="Use it.", claims=("1", "2")), Sentence(text="Or not.", flags=("rests on no claim",))),
        left_out=("1",),
        flags=("written in haste",),
    )
    decision = Decision(rule="composition", winner=answer, tally=(), margin=0, dissent=("seat-2",))
    report = a_report(answer=answer, claims=table, composition=composition, decision=decision)

    assert page(report).replace(report.run, "RUN").partition(" (contemplate ")[0] == (
        "Use it. [1][2] Or not. [^1]\n"
        "\n"
        "## Where the panel disagrees\n"
        "\n"
        "- **2.** It is dear\n"
        "  - for: seat-1\n"
        "    - reason 1\n"
        "  - against: seat-2\n"
        "    - reason 2\n"
        "  - arithmetic: does not hold (2 > 1)\n"
        "\n"
        "## Claims\n"
        "\n"
        "| | claim | state | confidence | for | against | checks | why |\n"
        "|--:|---|---|--:|---|---|---|---|\n"
        "| 1 | It is safe | stands | 0.80 | seat-1, seat-2 |  |  | why 1 |\n"
        "| 2 | It is dear | disputed | 0.50 | seat-1 | seat-2 | arithmetic: does not hold (2 > 1) | why 2 |\n"
        "\n"
        "## What to know of this answer\n"
        "\n"
        "- written in haste\n"
        "- it leaves out claim 1, which stands\n"
        "\n"
        "## How it came about\n"
        "\n"
        "> Why?\n"
        "\n"
        "- confidence: 0.50\n"
        "- against something that it rests on: seat-2\n"
        "- strategy: contemplating-open\n"
        "- models: m\n"
        "- used: 3 calls, 15 tokens, $0.0100, 0.0 s\n"
        "- stopped: completed\n"
        "- run: RUN"
    )


def test_the_notes_stand_at_the_end() -> None:
    """One for each flag, however many sentences have it."""
    flags = ("rests on no claim",)
    sentences = tuple(Sentence(text=text, flags=flags) for text in ("One.", "Two."))
    text = page(a_report(answer="One. Two.", composition=Composition(sentences=sentences)))
    assert text.startswith("One. [^1] Two. [^1]\n")
    assert text.endswith("\n\n[^1]: rests on no claim\n")


def test_claims_found_by_words_are_marked() -> None:
    """Where they stand, and why."""
    text = page(
        a_report(answer="One.", composition=Composition(sentences=(Sentence(text="One.", claims=("1",), by_words=True),)))
    )
    assert text.startswith("One. [≈1]\n\n")
    assert "- claims with ≈ were found by the words of a sentence whose writer named none\n" in text


@pytest.mark.parametrize(("detail", "told"), [("every claim fell", "every claim fell"), (None, "budget")])
def test_no_answer(detail: str | None, told: str) -> None:
    """It says why there is none."""
    assert page(a_report(answer=None, detail=detail, stopped="budget")).startswith(
        f"*No answer: {told}.*\n\n## How it came about\n"
    )


def test_a_short_answer() -> None:
    """With its votes and who dissents."""
    rows = (
        Tally(answer="4|2", votes=2, weight=2, seats=("seat-1", "seat-2")),
        Tally(answer="5", votes=1, weight=1, seats=("seat-3",)),
    )
    decision = Decision(rule="plurality", winner="4|2", tally=rows, margin=0.3)
    text = page(a_report(answer="4|2", is_open=False, decision=decision, dissent=(("seat-3", "5"),)))
    assert text.startswith(
        "4\\|2\n\n## Votes\n\n| answer | votes | seats |\n|---|--:|---|\n| 4\\|2 | 2 | seat-1, seat-2 |\n| 5 | 1 | seat-3 |\n"
        "\nDissent: seat-3: 5\n\n## How it came about\n"
    )
