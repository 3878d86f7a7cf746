"""A model as a value: what it holds, what is written down of it, and that its key never is."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import InputError, Limits, Model, Price, Sampling
from contemplate.models.backends.model import ModelSpec

KEY = "correct-horse-battery"


def test_a_key_is_in_nothing_that_is_written() -> None:
    """Not in repr, text, dict, JSON, nor in what may be written down of the model; but it is there when a call needs it."""
    model = Model("m", "http://localhost:1/v1", key=KEY, label="mine")
    written = [
        repr(model),
        str(model),
        str(model.model_dump()),
        model.model_dump_json(),
        repr(model.spec()),
        repr(model.with_run()),
    ]
    assert [False] * len(written) == [KEY in text for text in written]
    assert KEY == model.secret("mine")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": ""}, r"model '': name: "),
        ({"name": "m", "base_url": "localhost:1"}, r"model 'm': base_url: base URL 'localhost:1': it must begin with http"),
        ({"name": "m", "base_url": f"http://u:{KEY}@h/v1"}, r"does not belong in it; name its environment variable"),
        ({"name": "m", "timeout": 0}, r"model 'm': timeout: input should be greater than 0"),
        ({"name": "m", "accepts": ("smell",)}, r"model 'm': accepts"),
        ({"name": "m", "key_variable": f"sk-{KEY}"}, r"key_variable names an environment variable"),
        ({"name": "m", "key": 7}, r"model 'm': key: "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(options: dict[str, object], says: str) -> None:
    """As an error of the project, with the field, and without a key."""
    with pytest.raises(InputError, match=says) as caught:
        Model(**options)  # type: ignore[arg-type]
    assert KEY not in str(caught.value)


def test_a_timeout_is_in_seconds() -> None:
    """Whichever way it is given."""
    assert 90.0 == Model("m", timeout=timedelta(minutes=1.5)).timeout == Model("m", timeout=90).timeout


def test_an_address_is_in_its_normal_form() -> None:
    """So that two ways to write it are one place."""
    assert Model("m", "HTTP://Host:1/v1/") == Model("m", "http://host:1/v1/chat/completions")


def test_a_copy_is_the_same_model() -> None:
    """Copied, or sent to another process."""
    model = Model("m", "http://localhost:1/v1", key=KEY, price=Price(prompt=1, completion=2), limits=Limits(concurrency=1))
    copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model)), model.model_copy()]  # noqa: S301 - our own
    assert [model] * 3 == copies


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("qwen3@http://localhost:8001/v1", ("qwen3", "qwen3", "http://localhost:8001/v1")),
        ("left=qwen3@https://host/v1/", ("left", "qwen3", "https://host/v1")),
        ("org/name:7b@http://host/v1", ("org/name:7b", "org/name:7b", "http://host/v1")),
    ],
)
def test_a_name_with_an_address(text: str, expected: tuple[str, str, str]) -> None:
    """`NAME@URL` and `LABEL=NAME@URL`."""
    model = Model.read(text)
    assert model is not None
    assert expected == (model.called, model.name, model.base_url)


@pytest.mark.parametrize("text", ["openai/gpt-5", "vertex_ai/claude-sonnet-4@20250514", "a=b", "", "m@host:1", "local/smollm2"])
def test_a_plain_name_is_no_model(text: str) -> None:
    """Also one with signs that an address has."""
    assert Model.read(text) is None


@given(st.text(max_size=60))
def test_reading_is_total(text: str) -> None:
    """Whatever is typed is a plain name, a model, or an error of the project."""
    try:
        model = Model.read(text)
    except InputError:
        return
    assert model is None or model.base_url is not None


@given(
    st.sampled_from([None, "http://localhost:1/v1"]),
    st.sampled_from([None, Sampling(temperature=0.5), Sampling(max_tokens=1024)]),
    st.sampled_from([(), ("text", "image"), ("audio",)]),
    st.sampled_from([None, True, False]),
)
def test_what_is_stored_comes_back(
    url: str | None, sampling: Sampling | None, accepts: tuple[str, ...], local: bool | None
) -> None:
    """What stands with a run is read as the same value, with the same things set in its sampling."""
    spec = Model("m", url, sampling=sampling, accepts=accepts, local=local).with_run()  # type: ignore[arg-type]
    back = ModelSpec.model_validate(spec.to_dict())
    assert spec == back
    assert sampling is None or (back.sampling is not None and sampling.model_fields_set == back.sampling.model_fields_set)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Model("local/smollm2"), True),
        (Model("m", "http://127.0.0.1:1/v1"), True),
        (Model("m", "http://example.org/v1"), False),
        (Model("m", "http://example.org/v1", local=True), True),
        (Model("m", "http://localhost:1/v1", local=False), False),
        (Model("openai/gpt-5"), False),
    ],
)
def test_what_stays_on_ones_own_machines(model: Model, expected: bool) -> None:
    """As said, else as the address says."""
    assert expected == model.stays_here
