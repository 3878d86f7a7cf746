"""Settings files."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate.errors import InputError
from contemplate.orchestration.run_spec import new_run
from contemplate.orchestration.settings import Settings, load_settings, read_settings
from contemplate.types import Price


def written(folder: Path, text: str) -> Path:
    """A settings file with that text."""
    file = folder / "contemplate.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read(tmp_path: Path) -> None:
    """Models, limits, prices and retries."""
    file = written(
        tmp_path,
        'models = ["a", "b"]\nmax_tokens = 9\n[limits.default]\nconcurrency = 3\n'
        '[prices."x/y"]\nprompt = 1\ncompletion = 2.5\n[retry]\nattempts = 2\n',
    )
    settings = read_settings(file)

    assert settings.models == ("a", "b")
    assert settings.limits["default"].concurrency == 3
    assert settings.prices["x/y"] == Price(prompt=1, completion=2.5)
    assert settings.retry.attempts == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modles = ['a']\n", "unknown word 'modles'; did you mean 'models'?"),
        ("models = 3\n", "models: expected a list, not 3"),
        ("[limits.local]\nconcurency = 3\n", "limits.local.concurency: unknown word 'concurency'; did you mean 'concurrency'?"),
        ("[limits.local]\nconcurrency = 0\n", "limits.local.concurrency: input should be greater than 0"),
        ("[prices.x]\nprompt = 1\n", "prices.x.completion: 'completion' is missing"),
        ("models = [\n", "not TOML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """One line with the file and the path inside it."""
    with pytest.raises(InputError) as caught:
        read_settings(written(tmp_path, text))

    assert says in str(caught.value)
    assert "contemplate.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_is_picked_up_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a folder that was named counts."""
    written(tmp_path, 'models = ["mine"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("CONTEMPLATE_MODEL", raising=False)

    assert load_settings() == Settings()
    assert load_settings(tmp_path).models == ("mine",)


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CONTEMPLATE_MODEL` over the file."""
    written(tmp_path, 'models = ["mine"]\n')
    monkeypatch.setenv("CONTEMPLATE_MODEL", "a, b")

    assert load_settings(tmp_path).models == ("a", "b")


def test_runs_that_begin_in_one_second_have_ids_of_their_own() -> None:
    """Thousands of them: with 24 random bits two of 1,300 were alike in one second of twenty."""
    assert len({new_run() for _ in range(20_000)}) == 20_000
