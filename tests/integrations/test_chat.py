"""Chats of frameworks as questions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import Question
from contemplate.answers import check_question
from contemplate.errors import InputError
from contemplate.installed import library
from contemplate.integrations.chat import asked

WORDS = st.text(alphabet="ab ", min_size=1, max_size=5).filter(str.strip)
CHATS = st.lists(st.tuples(st.sampled_from(["system", "developer", "user", "human", "assistant", "ai"]), WORDS), max_size=8)


@given(CHATS)
def test_what_can_be_asked_is_a_question(chat: Sequence[tuple[str, str]]) -> None:
    """Every word of it is in the question, the history or the system prompt, in its order; or one line says why not."""
    others = [role for role, _ in chat if role not in ("system", "developer")]
    if not others or {others[0], others[-1]} & {"assistant", "ai"}:
        with pytest.raises(InputError, match="must be the user's"):
            asked(chat)
        return
    found = asked(chat)
    check_question(Question(text=found.question, history=found.history, system=found.system))
    said = [*(message.text for message in found.history), found.question]
    assert "\n\n".join(text for role, text in chat if role not in ("system", "developer")) == "\n\n".join(said)
    assert "\n\n".join(text for role, text in chat if role in ("system", "developer")) == (found.system or "")


def test_a_role_of_tools_is_refused() -> None:
    """A panel calls none of the caller's."""
    with pytest.raises(InputError, match="role 'tool'"):
        asked([("user", "2 + 2?"), ("tool", "4")])


def test_a_library_that_is_missing_is_named_as_it_is_installed() -> None:
    """By its own name where it comes with no extra."""
    with pytest.raises(InputError, match=r"pip install some-library$"):
        library("some_library_of_nobodys", package="some-library")


def test_modules_are_loaded_when_they_are_used() -> None:
    """`contemplate.inspect` needs no import of its own, and loads no Inspect."""
    program = "import contemplate, sys; contemplate.inspect.solver; print('inspect_ai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "False\n"
