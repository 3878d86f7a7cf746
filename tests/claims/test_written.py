"""An open answer is read sentence by sentence; the numbers of claims are taken out, and nothing else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims.written import Written, needs_claims, places, read_sentences

_SHARDS = (
    *("[1]", "[2][3]", "[4, 5]", "[claim 6]", "(claims 7 and 8)", "【9】", "[1", "1]", "[[", "]]", "[", "]", "(", ")", "claim "),
    *("`", "``", "```", "~~~", "```python\n", "\n```", "|", "|---|---|", "\n| a | b |\n|---|---|\n", "# ", "- ", "1. ", "> "),
    *("\n", "\n\n", " ", "  ", "\t", "\\", ".", "!", "。", "…", ":", "**", "e.g.", "Yes", "no", "x", "7", "0", "\u200b", "é"),
    *("-", "and"),
)
_TEXTS = st.lists(st.sampled_from(_SHARDS), max_size=40).map("".join) | st.text(max_size=200)


def read(text: str) -> list[tuple[str, str]]:
    """The sentences of a text, each with the numbers of its claims."""
    return [(sentence.text, " ".join(sentence.claims)) for sentence in read_sentences(text).sentences]


def joined(written: Written) -> str:
    """The sentences, with what stands between them in the text."""
    spans = places(written.text, written.sentences)
    gaps = [written.text[end:begin] for (_, end), (begin, _) in zip([(0, 0), *spans], spans, strict=False)]
    assert not "".join(gaps).strip()
    return "".join(gap + sentence.text for gap, sentence in zip(gaps, written.sentences, strict=True))


@given(_TEXTS)
def test_the_sentences_make_the_text(text: str) -> None:
    """Joined with the blanks between them they are all of it."""
    written = read_sentences(text)
    assert joined(written) == written.text
    assert all(sentence.text == sentence.text.strip() != "" for sentence in written.sentences)


@given(_TEXTS)
def test_no_number_is_left(text: str) -> None:
    """What was read can be read again, blanks apart, and names no claim."""
    clean = read_sentences(text).text
    again = read_sentences(clean)
    assert again.text.split() == clean.split()
    assert not any(sentence.claims for sentence in again.sentences)


@given(_TEXTS)
def test_nothing_but_numbers_is_lost(text: str) -> None:
    """All letters stand in the clean text but those of words that belong to a number, as "claim"."""
    kept = [character for character in text if character.isalpha() and character.lower() not in "claimsfromnobsedand"]
    assert [character for character in read_sentences(text).text if character in set(kept)] == kept


@pytest.mark.parametrize(
    "shard",
    [
        "[1,",
        "[1]",
        "`",
        "(claim ",
        "[1 ",
        ". ",
        "a[1].\n",
        "|a",
        "```\n",
        "\\",
        "` `` ",
        "- [1]\n",
        "[1](x",
        "**a",
        "e.g. ",
        ">",
        "-- ",
    ],
)
def test_any_text_is_read_in_linear_time(shard: str) -> None:
    """Four times as much takes no more than about four times as long."""

    def seconds(copies: int) -> float:
        began = time.process_time()
        read_sentences(shard * copies)
        return time.process_time() - began

    assert min(seconds(8_000) for _ in range(2)) < 12 * min(seconds(2_000) for _ in range(3)) + 0.05


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is safe [1]. It is fast.[2]", [("It is safe.", "1"), ("It is fast.", "2")]),
        ("It is safe. [1][3] It is fast! [2, 4]", [("It is safe.", "1 3"), ("It is fast!", "2 4")]),
        ("Safe [1] and fast [2].", [("Safe and fast.", "1 2")]),
        ("[1] It is safe.", [("It is safe.", "1")]),
        ("[1]: It is safe.", [("It is safe.", "1")]),
        ("It is safe [1]\nIt is fast [2]", [("It is safe", "1"), ("It is fast", "2")]),
        ("It is\nsafe. [1]", [("It is\nsafe.", "1")]),
        ("It is safe.\n[1]\n\nFast.", [("It is safe.", "1"), ("Fast.", "")]),
        ("It is safe (see [1], [3]).", [("It is safe.", "1 3")]),
        ("It is safe (claims 1 and 3).", [("It is safe.", "1 3")]),
        ("Safe [Claim 1][claims 2-4][#5][^6].", [("Safe.", "1 2 3 4 5 6")]),
        ("Safe \\[1\\] and 【2】.", [("Safe.", "1 2")]),
        ("Safe [1](#claim-1).", [("Safe.", "1")]),
        ("它很安全。[1]它很快。[2]", [("它很安全。", "1"), ("它很快。", "2")]),
        ("Use `a[1]` and a[0], not [0, 1]. [2]", [("Use `a[1]` and a[0], not [0, 1].", "2")]),
        ("Dr. No, e.g. 1.5 vs. 2, is here. [1] So there.", [("Dr. No, e.g. 1.5 vs. 2, is here.", "1"), ("So there.", "")]),
        ("- [x] Done. [1]\n2. Next [2]", [("- [x] Done.", "1"), ("2. Next", "2")]),
        ("- [1] Done", [("- Done", "1")]),
        ("## Why [1]\nSo. [2]", [("## Why", "1"), ("So.", "2")]),
        ("```\na[1]\n``` [2]\nSo.", [("```\na[1]\n```", "2"), ("So.", "")]),
        ("```py\na[1]\n```\n\n[2][3]", [("```py\na[1]\n```", "2 3")]),
        ("```\na[1]", [("```\na[1]", "")]),
        ("| a |\n|--|\n| x [1] |\n| z | [2]", [("| a |\n|--|", ""), ("| x |", "1"), ("| z |", "2")]),
        ("```markdown\nIt is safe. [1]\n```", [("It is safe.", "1")]),
        ("", []),
        ("[1][2]", []),
    ],
)  # fmt: skip
def test_reading(text: str, expected: list[tuple[str, str]]) -> None:
    """Numbers are about the sentence that they end, or the line that they begin; code has none."""
    assert read(text) == expected


def test_paragraphs_stay() -> None:
    """The clean text is the same Markdown."""
    text = "# A\n\nOne. [1] Two. [2]\n\n- x [1]\n  - y [2]\n\n> z [3]\n\n---\n\n```\n  [4]\n```\n[5]\n\nEnd."
    assert read_sentences(text).text == "# A\n\nOne. Two.\n\n- x\n  - y\n\n> z\n\n---\n\n```\n  [4]\n```\n\nEnd."


@pytest.mark.parametrize(
    "text",
    ["# A", "**Why**", "The reasons are:", "- **Risks:**", "---", "| a |\n|---|", "In short,", "Here is the plan.", "Sure!"],
)
def test_what_says_nothing_needs_no_claims(text: str) -> None:
    """Headings, heads of tables, what leads on."""
    assert not needs_claims(text)


@pytest.mark.parametrize(
    "text", ["Use it.", "- Use it", "| a | b |", "```\nx\n```", "Sure, PostgreSQL is the better one " * 3, "Why not?"]
)
def test_what_says_something_needs_claims(text: str) -> None:
    """All else."""
    assert needs_claims(text)
