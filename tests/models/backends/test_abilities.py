"""What endpoints lack: which refusals say so, and for how much they hold."""

from __future__ import annotations

import json

import pytest

from builders import a_request
from contemplate.models.backends.abilities import Abilities, Ability, fields
from contemplate.models.backends.base import ChoosyBackend, SamplingBackend
from contemplate.models.backends.local import LocalBackend
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.models.backends.reply import read_error
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.types import Blob, Message, Request, Text

OTHER = {"type": "array"}


ALL = a_request(reply_schema={"type": "object"}, logprobs=5)


@pytest.mark.parametrize(
    ("status", "error", "lacks"),
    [
        (400, {"message": "This response_format type is unavailable now", "param": None}, "reply_schema"),
        (422, "response_format: response_format.type `json_schema` is unavailable now at line 1", "reply_schema"),
        (400, {"message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported"}, "reply_schema"),
        (400, {"message": "This model does not support response format `json_schema`."}, "reply_schema"),
        (400, {"message": "no", "param": "response_format.json_schema"}, "reply_schema"),
        (400, {"message": "You are not allowed to request logprobs from this model."}, "logprobs"),
        (400, {"message": "too many", "param": "top_logprobs"}, "logprobs"),
        (400, {"message": "'n' : number must be at most 1"}, "n"),
        (400, {"message": "Only one completion choice is allowed"}, "n"),
        (400, {"message": "n_cmpl cannot be greater than the number of slots"}, "n"),
        (422, [{"type": "extra_forbidden", "loc": ["body", "n"], "msg": "Extra inputs are not permitted"}], "n"),
        (501, {"message": "This server does not support logprobs"}, "logprobs"),
        (400, {"message": "the prompt is too long"}, None),
        (400, {"message": "logprobs of the user's text", "param": "messages"}, None),
        (401, {"message": "no n for you"}, None),
        (500, {"message": "response_format"}, None),
        (400, {"message": ""}, None),
    ],
)
def test_what_a_refusal_names(status: int, error: object, lacks: Ability | None) -> None:
    """The field itself, or else the message; a refusal of anything else is none of these."""
    abilities = Abilities()
    body = json.dumps({"detail": error} if isinstance(error, list) else {"error": error}).encode()
    learned = abilities.learn(ALL, "x, model 'm'", status, read_error(body), n=5)
    assert lacks == (learned.what if learned else None)
    known = abilities.missing(ALL, "x, model 'm'", n=5)
    assert str(learned) == str(known)


def test_what_was_not_asked_for_is_not_what_is_refused() -> None:
    """A plain request is never refused for what it does not need."""
    abilities = Abilities(["reply_schema", "logprobs", "n"])
    assert abilities.missing(a_request(), "x") is None
    assert abilities.learn(a_request(), "x", 400, read_error(b"response_format logprobs n")) is None


@pytest.mark.parametrize(
    "message", ["Invalid schema for response_format 'reply'", "JSON schema error at #/a: cannot resolve $ref"]
)
def test_a_schema_at_fault_is_refused_alone(message: str) -> None:
    """Other schemas are still asked for."""
    abilities = Abilities()
    abilities.learn(ALL, "x", 400, read_error(message.encode()))
    assert abilities.missing(ALL, "x") is not None
    assert abilities.missing(a_request(reply_schema=OTHER), "x") is None


def test_it_is_known_for_each_model() -> None:
    """What one model lacks another may have; what a provider lacks none has."""
    abilities = Abilities(["logprobs"])
    abilities.lacks("m", "n", "said so")
    other = a_request().model_copy(update={"model": "other"})
    assert abilities.missing(a_request(), "x", n=2) is not None
    assert abilities.missing(other, "x", n=2) is None
    assert abilities.missing(a_request(logprobs=1), "x") is not None


def test_fields() -> None:
    """Only what is asked for is sent."""
    assert {} == fields(a_request())
    assert {"logprobs": True, "top_logprobs": 5, "n": 2} == fields(a_request(logprobs=5), 2)


def test_who_can_what() -> None:
    """Which backends can say what they lack, and which can draw several samples."""
    backends = [OpenAIBackend("http://localhost:1/v1"), LocalBackend(), ScriptedBackend([])]
    assert [True, True, True] == [isinstance(backend, ChoosyBackend) for backend in backends]
    assert [True, False, False] == [isinstance(backend, SamplingBackend) for backend in backends]


SEEN = Request(
    model="m",
    messages=(
        Message(
            role="user",
            content=(
                Text(text="?"),
                Blob(sha256="0" * 64, mime="image/png", size=1),
                Blob(sha256="1" * 64, mime="audio/wav", size=1),
            ),
        ),
    ),
)


@pytest.mark.parametrize(
    ("status", "message", "lacks"),
    [
        (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", "image"),
        (400, "Invalid content type. image_url is only supported by certain models.", "image"),
        (404, "No endpoints found that support image input", "image"),
        (422, "Failed to deserialize the JSON body: unknown variant `image_url`, expected `text`", "image"),
        (400, "messages[0].content must be a string", "image"),
        (400, "m is not a multimodal model", "image"),
        (400, "At most 0 image(s) may be provided in one prompt.", "image"),
        (400, "This model does not support audio content.", "audio"),
        (500, "audio input is not supported", "audio"),
        (400, "Invalid image data", None),
        (400, "image is too large: 7 MB exceeds the maximum of 5 MB", None),
        (400, "At most 4 images may be provided in one request", None),
        (400, "The image was flagged by the safety system", None),
        (400, "the prompt is too long", None),
        (503, "image workers are busy", None),
    ],
)
def test_pictures_and_sound_that_are_refused(status: int, message: str, lacks: Ability | None) -> None:
    """By a model that takes none; a picture that is found fault with is another thing."""
    abilities = Abilities()

    learned = abilities.learn(SEEN, "x, model 'm'", status, read_error(json.dumps({"error": {"message": message}}).encode()))

    assert lacks == (learned.what if learned else None)
    missing = abilities.missing(SEEN, "x")
    assert lacks == (missing.what if missing else None)
    assert abilities.missing(ALL, "x") is None
