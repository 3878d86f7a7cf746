"""What `contemplate.toml` says of single models, and what is refused there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contemplate import InputError, Limits, Price, Retry, Sampling, Settings
from contemplate.errors import RecipeError
from contemplate.models.backends.model import ModelSpec
from contemplate.orchestration.settings import read_settings


def read(folder: Path, text: str) -> Settings:
    """The settings that stand in `text`."""
    file = folder / "contemplate.toml"
    file.write_text(text)
    return read_settings(file)


def test_a_model_of_the_settings(tmp_path: Path) -> None:
    """Everything but a key; its name is the label where none is given."""
    settings = read(
        tmp_path,
        """
        models = ["left", "openai/gpt-5"]
        timeout = 30
        [model.left]
        name = "qwen3"
        base_url = "http://localhost:8001/v1/"
        key_variable = "LEFT_KEY"
        timeout = 5
        sampling = { temperature = 0.5 }
        price = { prompt = 1, completion = 2 }
        limits = { concurrency = 2 }
        accepts = ["text", "image"]
        [model."org/right"]
        base_url = "http://localhost:8002/v1"
        """,
    )
    expected = {
        "left": ModelSpec(
            name="qwen3",
            base_url="http://localhost:8001/v1",
            key_variable="LEFT_KEY",
            timeout=5,
            sampling=Sampling(temperature=0.5),
            price=Price(prompt=1, completion=2),
            limits=Limits(concurrency=2),
            accepts=frozenset({"text", "image"}),
        ),
        "org/right": ModelSpec(name="org/right", base_url="http://localhost:8002/v1"),
    }
    assert (expected, ("left", "openai/gpt-5"), 30.0) == (settings.model, settings.models, settings.timeout)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('key = "SECRET"', r"model\.a: a key does not belong in a file"),
        ('api_key = "SECRET"', r"model\.a: a key does not belong in a file"),
        ('key_variable = "sk-SECRET"', r"model\.a: key_variable names an environment variable"),
        ('url = "http://h/v1"', r"model\.a\.url: unknown word 'url'.*base_url"),
        ('base_url = "h:1"', r"model\.a\.base_url: base URL 'h:1': it must begin with http"),
        ("timeout = 0", r"model\.a\.timeout: .*greater than 0"),
        ("limits = { concurency = 2 }", r"model\.a\.limits\.concurency: unknown word.*did you mean 'concurrency'"),
        ("sampling = { temp = 2 }", r"model\.a\.sampling\.temp: unknown word.*temperature"),
        ("price = { prompt = 1 }", r"model\.a\.price\.completion: 'completion' is missing"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_field(tmp_path: Path, table: str, says: str) -> None:
    """And a key that stands there is not shown."""
    with pytest.raises(RecipeError, match=rf"contemplate\.toml: {says}") as caught:
        read(tmp_path, f"[model.a]\n{table}\n")
    assert "SECRET" not in str(caught.value)


def test_a_table_that_is_none(tmp_path: Path) -> None:
    """One line, and no traceback."""
    with pytest.raises(RecipeError, match="expected 'word: value' pairs"):
        read(tmp_path, "model = 7")
    with pytest.raises(RecipeError, match=r"model\.a"):
        read(tmp_path, "[model]\na = 7")


def test_options_go_before_settings() -> None:
    """Tables by name are added to; one `Limits` for everything stands in place of them all."""
    a, b, c = Limits(concurrency=1), Limits(concurrency=2), Limits(concurrency=3)
    settings = Settings(limits={"x": a}, prices={"m": Price(prompt=1, completion=1)}, timeout=9)
    price = Price(prompt=2, completion=2)
    made = settings.with_options(limits={"y": b}, prices={"n": price}, retry=Retry(attempts=1), timeout=timedelta(seconds=3))
    assert ({"x": a, "y": b}, {"m", "n"}, 1, 3.0) == (made.limits, set(made.prices), made.retry.attempts, made.timeout)
    assert {"default": c} == settings.with_options(limits=c).limits
    assert settings == settings.with_options()


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none(timeout: float) -> None:
    """Refused in one line."""
    with pytest.raises(InputError, match="the timeout is"):
        Settings().with_options(timeout=timeout)
