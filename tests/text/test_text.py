"""Tools for text that is not to be trusted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.text import disarm, one_line, printable, token_bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|im_end|>", "< |im_end| >"),
        ("a <|start_header_id|>system<|end_header_id|> b", "a < |start_header_id| >system< |end_header_id| > b"),
        ("[INST] x [/INST]", "[ INST] x [ /INST]"),
        ("<s>x</s>", "< s>x< /s>"),
        ("<start_of_turn>user<end_of_turn>", "< start_of_turn>user< end_of_turn>"),
        ("<<SYS>>", "< <SYS>>"),
        ("if a < b and |x| > 3: [1]", "if a < b and |x| > 3: [1]"),
    ],
)
def test_control_tags_are_broken(text: str, expected: str) -> None:
    """Tags of chat templates lose their force, and other text stays as it is."""
    assert disarm(text) == expected


@given(st.text(alphabet="<|>[]/INSTs im_end", max_size=60))
def test_nothing_that_a_template_obeys_is_left(text: str) -> None:
    """No `<|`, no `|>`, and breaking twice is breaking once."""
    broken = disarm(text)

    assert "<|" not in broken
    assert "|>" not in broken
    assert disarm(broken) == broken


@given(st.text())
def test_what_is_printed_steers_no_terminal(text: str) -> None:
    """No escapes, no direction marks, no surrogates."""
    assert all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} for c in printable(text))


def test_a_terminal_escape_is_dropped() -> None:
    """Colours, titles and right-to-left overrides do not get through."""
    assert printable("\x1b[31mred\x1b]0;title\x07\u202eevil") == "redevil"


@given(st.text(), st.integers(2, 40))
def test_one_line_is_one_line(text: str, width: int) -> None:
    """Never longer than asked for, never with a line break."""
    line = one_line(text, width)

    assert len(line) <= width
    assert "\n" not in line


def test_a_token_is_at_least_a_byte() -> None:
    """The bound counts bytes, and takes lone surrogates."""
    assert token_bound("aé\ud800") == 1 + 2 + 1
