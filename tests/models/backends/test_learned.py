"""What a refusal is about: a field, a value, a role, or something else; and how a model is asked from then on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.models.backends.learned import Learned, without_system
from contemplate.models.backends.refusals import read_error
from contemplate.types import Json

BODY: Json = {
    "model": "m",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "6 * 7?"}],
    "max_tokens": 50,
    "temperature": 0.7,
    "top_p": 0.9,
    "stop": ["END"],
    "seed": 7,
    "stream": False,
}


def learned(message: str, status: int = 400, **more: object) -> str | None:
    """What is learned from a refusal that says so."""
    said = read_error(json.dumps({"error": {"message": message, **more}}).encode())
    return Learned().learn("m", BODY, status, said)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Argument not supported on this model: stop", "stop"),
        ("the model doesn't take a parameter called 'stop': unsupported", "stop"),
        ("Unrecognized request arguments supplied: seed, stop", "seed"),
        ("extraneous key [temperature] is not permitted", "temperature"),
        ("such models don't support temperature=0.7. Only temperature=1 is supported", "temperature"),
        ("Temperature must be 1 for this model", "temperature"),
        ("`temperature` may only be set to 1 while thinking", "temperature"),
        ("`temperature` and `top_p` cannot both be given", "top_p"),
        ("use max_completion_tokens instead of max_tokens", "max_tokens"),
        ("max_tokens has been deprecated", "max_tokens"),
        ("body.seed: value_error.extra: extra fields not permitted", "seed"),
        ("this endpoint has no streaming: 'stream' is not supported", "stream"),
        ("it only supports stream mode, please enable the stream parameter", "stream"),
        ("non-streaming requests are not supported", "stream"),
        (f"{'A long tale of what went wrong. ' * 20}'seed' is not supported", "seed"),
    ],
)
def test_fields(message: str, field: str) -> None:
    """The field that a sentence says is not taken."""
    assert field == learned(message)


@pytest.mark.parametrize(
    "message",
    [
        "temperature must be 0 or more",
        "temperature: ensure this value is less than or equal to 0.5",
        "Invalid value for 'temperature'",
        "seed must be an integer below 5",
        "stop: too many sequences, at most 4 are supported",
        "max_tokens is too large; only 20 are supported",
        "'max_tokens' exceeds what is supported",
        "the model ignored your seed and went on until the maximum",
        "We had to stop: this key is not allowed here",
        "we can't stop or stream anything that is not supported",
        "logprobs are not supported",
        "no model of that name; it was removed",
        "",
    ],
)
def test_other_refusals(message: str) -> None:
    """A value, another field, a word that is no field, or nothing of the kind."""
    assert learned(message) is None


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_statuses(status: int) -> None:
    """A refusal for another reason names fields for another reason."""
    assert learned("'seed' is not supported", status) is None


@pytest.mark.parametrize("code", ["unsupported_value", "unsupported_parameter", "extra_forbidden"])
def test_a_code_goes_before_the_words(code: str) -> None:
    """What it calls itself says whether the field or its value is refused."""
    assert "temperature" == learned("temperature: at most the default", code=code, param="temperature")


def test_a_model_that_gives_nothing_but_streams() -> None:
    """It is asked for one."""
    known = Learned()
    known.learn("m", BODY, 400, read_error(b"this model only supports streaming"))
    assert (True, False) == (known.adapted("m", BODY)["stream"], known.adapted("other", BODY)["stream"])


def test_each_model_has_its_own() -> None:
    """What one refuses is sent to the other, and the body that was given stays as it was."""
    known = Learned()
    known.learn("m", BODY, 400, read_error(b'{"error": {"param": "seed", "message": "unsupported"}}'))
    assert "seed" not in known.adapted("m", BODY)
    assert BODY == known.adapted("other", BODY)
    assert 7 == BODY["seed"]


def test_both_names_of_the_limit_are_refused() -> None:
    """Then there is nothing left to try."""
    known = Learned()
    said = read_error(b'{"error": {"param": "max_tokens", "message": "unsupported"}}')
    other = read_error(b'{"error": {"param": "max_completion_tokens", "message": "unsupported"}}')
    assert "max_tokens" == known.learn("m", BODY, 400, said)
    again = known.adapted("m", BODY)
    assert 50 == again["max_completion_tokens"]
    assert known.learn("m", again, 400, other) is None


texts = st.text(max_size=9)
messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": texts}), max_size=6
)


@given(messages)
def test_no_system_message_is_left(given_messages: list[Json]) -> None:
    """What it said is said by the user, before all else, and nothing else changes."""
    came = without_system(given_messages)
    told = "\n\n".join(one["content"] for one in given_messages if one["role"] == "system")
    assert "system" not in {one["role"] for one in came}
    first = next((one["content"] for one in came if one["role"] == "user"), "")
    assert first.startswith(told)
    others = [one for one in given_messages if one["role"] == "assistant"]
    assert others == [one for one in came if one["role"] == "assistant"]


def test_a_system_message_before_parts() -> None:
    """It becomes the first of them."""
    parts = [{"type": "text", "text": "6 * 7?"}]
    came = without_system(
        [{"role": "system", "content": [{"type": "text", "text": "Be brief."}]}, {"role": "user", "content": parts}]
    )
    assert [{"role": "user", "content": [{"type": "text", "text": "Be brief."}, *parts]}] == came


@given(st.text(), st.sampled_from([400, 422, 500]))
def test_learning_is_total(message: str, status: int) -> None:
    """Whatever is said, at most one field of the body is left out."""
    field = learned(message, status)
    assert field is None or field in BODY or field == "system"
