"""Keys in what comes back: masked wherever they stand, however they are cut into pieces."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_request
from contemplate.models.backends import OpenAIBackend
from contemplate.models.backends.masking import MASK, MaskedText, masked
from loopback import Loopback

KEY = "abcabcabcabcabd"


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "abc", KEY, KEY[:9], KEY[9:], "x", ""])))
def test_pieces_say_what_the_whole_says(pieces: list[str]) -> None:
    """However the text is cut, what is passed on is the text without the key."""
    told: list[str] = []
    text = MaskedText(told.append, KEY)
    for piece in pieces:
        text(piece)
    text.end()
    assert "".join(pieces).replace(KEY, MASK) == "".join(told)


def test_short_keys_are_words() -> None:
    """A local server is given "ollama", and may speak of it."""
    told: list[str] = []
    MaskedText(told.append, "ollama")("I run on ollama.")
    assert (["I run on ollama."], "ollama") == (told, masked("ollama", ["ollama"]))


@pytest.mark.parametrize("escaped", [False, True])
async def test_every_part_of_a_reply_is_masked(loopback: Loopback, escaped: bool) -> None:
    """Text, reasoning, the arguments of tools and the model's name; also where letters are written as escapes."""
    call = {"id": KEY, "type": "function", "function": {"name": "f", "arguments": json.dumps({"key": KEY})}}
    message = {"role": "assistant", "content": f"It is {KEY}.", "reasoning": KEY, "tool_calls": [call]}
    body = json.dumps({"model": KEY, "choices": [{"message": message, "finish_reason": "stop"}]})
    said = body.replace(KEY, "\\u0061" + KEY[1:]) if escaped else body
    loopback.script = loopback.reply(body=said.encode())
    backend = OpenAIBackend(loopback.url, api_key=KEY)
    try:
        completion = await backend.complete(a_request())
    finally:
        await backend.aclose()
    assert f"It is {MASK}." == completion.text
    assert KEY not in completion.model_dump_json()


async def test_a_list_of_models_and_a_redirect_are_masked(loopback: Loopback) -> None:
    """Neither tells the key."""
    loopback.listing = {"data": [{"id": KEY}]}
    loopback.script = loopback.reply(status=302, headers={"Location": f"http://elsewhere/?{KEY}"})
    backend = OpenAIBackend(loopback.url, api_key=KEY)
    try:
        _, listed = await backend._sessions.models(10_000)
        with pytest.raises(Exception, match="redirected") as caught:
            await backend.complete(a_request())
    finally:
        await backend.aclose()
    assert KEY not in listed.decode() + str(caught.value)
