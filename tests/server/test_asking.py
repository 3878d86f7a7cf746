"""What a client sends is read or refused, whatever it is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contemplate import Catalogue
from contemplate.server.asking import Asked, Said, split
from contemplate.server.chat import ChatBody, in_pieces, read_chat
from contemplate.server.extras import explained, with_headers
from contemplate.server.naming import Names
from contemplate.server.problems import harmless
from contemplate.server.refused import RefusedError
from contemplate.server.settings import ServerSettings

NAMES = Names(Catalogue(), ("single",), ("m",))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "file", "schema", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
ROLE = st.sampled_from(["system", "user", "assistant", "developer", "tool"]) | JSON
MESSAGE = st.fixed_dictionaries({}, optional={"role": ROLE, "content": JSON})
FIELDS = {
    "n": JSON,
    "stop": JSON,
    "response_format": JSON,
    "contemplate": JSON,
    "seed": JSON,
    "tools": JSON,
    "stream_options": JSON,
}
HEADERS = [
    "x-contemplate-seats",
    "x-contemplate-budget-usd",
    "x-contemplate-focus",
    "x-contemplate-refine",
    "x-contemplate-x",
    "accept",
]
BODY = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["single", "contemplate/single@m", "single@"]) | JSON,
        "messages": st.lists(MESSAGE, max_size=3) | JSON,
    },
    optional=FIELDS,
)


@given(
    BODY,
    st.dictionaries(st.sampled_from(HEADERS), st.text()),
)
def test_a_body_is_read_or_refused(body: dict[str, Any], headers: dict[str, str]) -> None:
    """Never anything else: an error of another kind would be one of the server."""
    found = read_or_refused(body, headers)

    if isinstance(found, RefusedError):
        assert 400 <= found.status < 500
        assert "\n" not in str(found)
    else:
        assert found.text.strip()


def read_or_refused(body: dict[str, Any], headers: dict[str, str]) -> Asked | RefusedError:
    """What comes of a body."""
    try:
        return read_chat(ChatBody.model_validate(with_headers(body, headers)), NAMES, ServerSettings())
    except ValidationError as error:
        return explained(error)
    except RefusedError as error:
        return error


@given(st.lists(st.builds(Said, st.sampled_from(["system", "user", "assistant"]), st.text(max_size=5)), max_size=8))
def test_a_chat_is_a_history_in_turn_and_a_question(messages: list[Said]) -> None:
    """Or it has no question. No word of it is lost."""
    try:
        system, history, question = split(messages)
    except RefusedError:
        said = [one for one in messages if one.text.strip() and one.role != "system"]
        assert not said or said[-1].role == "assistant"
        return
    roles = [message.role for message in history]
    whole = "\n".join([system or "", *(message.text for message in history), question])

    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert all(one.text in whole for one in messages if one.text.strip())


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    """Nothing is lost between them, and none is empty."""
    assert "".join(in_pieces(text)) == text
    assert all(in_pieces(text))


@given(st.lists(st.sampled_from(["/", "\\", "a", ".", ":", " ", "~", "C:", "http://", "\n"]), max_size=30))
def test_a_message_for_somebody_outside_is_one_line(parts: list[str]) -> None:
    """Whatever stands in it."""
    assert "\n" not in harmless("".join(parts))
