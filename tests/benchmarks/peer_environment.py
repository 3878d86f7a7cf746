"""The environment in which peers are measured: made in a temporary folder, each installed by itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
_LINE = re.compile(r"(?P<packages>[^#]+?)\s*#\s*(?P<script>peer_\w+)\s*$")


def wanted() -> dict[str, list[str]]:
    """The scripts of the peers, each with what it needs."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return {found["script"]: found["packages"].split() for line in lines if (found := _LINE.fullmatch(line)) and line[0] != "#"}


@dataclass
class Peers:
    """The peers that are there.

    Attributes:
        python: the interpreter of their environment; None for none.
        missing: those that could not be installed, with the last line of why.
    """

    python: str | None = None
    missing: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def of(cls, given: str, *, needed: bool) -> Iterator[Peers]:
        """The peers in an environment that is `given` ("none", or a Python), or in one that is made now ("all")."""
        if given == "none" or not needed:
            yield cls()
        elif given != "all":
            yield cls(given)
        else:
            with tempfile.TemporaryDirectory() as folder:
                yield cls._made(folder)

    @classmethod
    def _made(cls, folder: str) -> Peers:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        made = cls(str(Path(folder) / "bin" / "python"))
        for script, packages in wanted().items():
            print(f"installing {' '.join(packages)}", flush=True)
            command = [str(made.python), "-m", "pip", "install", "--quiet", *packages]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                made.missing[script] = (done.stderr.strip().splitlines() or ["?"])[-1][:200]
        return made

    def commands(self, scripts: Path) -> dict[str, list[str]]:
        """The command of each that is there, by its name and version."""
        if self.python is None:
            return {}
        return {
            packages[0]: [self.python, str(scripts / f"{name}.py")]
            for name, packages in wanted().items()
            if name not in self.missing
        }

    @property
    def versions(self) -> dict[str, str]:
        """What each is that was to be measured: its packages, or why it is not there."""
        if self.python is None:
            return {}
        return {
            packages[0]: f"not installed: {self.missing[name]}" if name in self.missing else ", ".join(packages)
            for name, packages in wanted().items()
        }
