"""Sets of items in replies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import read, same, typed
from contemplate.types import Question

WHICH = Question(text="Which colours?", kind="set")


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: red, green, blue",
        "Answer: red, green and blue",
        "Answer: Blue, Green, and Red.",
        "Answer: blue; green; red",
        "Answer: red, green, blue, red",
        'Answer: ["red", "green", "blue"]',
        "Answer: {red, green, blue}",
        r"Answer: $\{\text{red}, \text{green}, \text{blue}\}$",
        r"\boxed{\{red, green, blue\}}",
        '{"reasoning": "...", "answer": ["green", "red", "blue"]}',
        '{"answer": [\n  "green",\n  "red",\n  "blue"\n]}',
        '{"answer": "red, green, blue"}',
        "Answer:\n- red\n- green\n- blue\n\nI hope this helps.",
        "**Answer:**\n1. Red\n2. Green\n3. Blue",
        "The answer is red, green and blue. They are the primary ones.",
        "They are:\n* red\n* green\n* blue",
        "I conclude {red, green, blue}",
        "red, green, blue",
    ],
)
def test_reads_the_items(reply: str) -> None:
    """However items are listed, the set is the same."""
    answer = read(reply, WHICH)

    assert answer is not None
    assert typed(answer, WHICH) == frozenset({"red", "green", "blue"})


@pytest.mark.parametrize(
    ("stated", "items"),
    [
        ("1, 2, 3", {"1", "2", "3"}),
        ("0.5 and 1/2", {"1/2"}),
        ("1,200 and 3", {"1200", "3"}),
        ("[1,200,300]", {"1", "200", "300"}),
        ("The Eiffel Tower, the Louvre", {"eiffel tower", "louvre"}),
        ("Smith, John; Doe, Jane", {"smith john", "doe jane"}),
        ("42", {"42"}),
        ("{}", set()),
        ("[]", set()),
        ("∅", set()),
        ("the empty set", set()),
        ('["a", [1, 2], 1e999, NaN]', {"a", "1 2", "1e999", "nan"}),
        ("(1, 2), (3, 4)", {"1 2", "3 4"}),
    ],
)
def test_each_item_in_its_normal_form(stated: str, items: set[str]) -> None:
    """Numbers count as numbers, names without articles."""
    answer = read(f"Answer: {stated}", WHICH)

    assert answer is not None
    assert typed(answer, WHICH) == items


@pytest.mark.parametrize(
    "reply",
    ["", "Answer: none", "Answer: I don't know", "Sure!", "Answer: <item, item, ...>", "Answer: ,;,", "Two lines\nof talk"],
)
def test_reads_no_set(reply: str) -> None:
    """Abstentions, openers and talk list nothing."""
    assert read(reply, WHICH) is None


def test_too_many_items_are_not_read() -> None:
    """An answer is bounded in size."""
    assert read("Answer: " + ",".join(f"a{place}" for place in range(201)), WHICH) is None


@given(
    st.lists(st.sampled_from(["red", "Green", "1,000", "1/2", "New York"]), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_order_and_repeats_do_not_matter(items: list[str], random: object) -> None:
    """A shuffled list with repeats is the same set."""
    other = [*items, items[0]]
    random.shuffle(other)  # type: ignore[attr-defined]
    answers = [read(f"Answer: {'; '.join(several)}", WHICH) for several in (items, other)]

    assert answers[0] is not None
    assert answers[1] is not None
    assert same(*answers)  # type: ignore[arg-type]
