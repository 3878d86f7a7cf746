"""The catalogue: the cards and recipes that contemplate brings, and those of a project folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

from contemplate.cards import Card, load_card
from contemplate.errors import InputError, UnknownNameError
from contemplate.recipes import Recipe
from contemplate.strategy import Strategy

Kind = Literal["agents", "strategies"]

_ENDINGS: dict[Kind, str] = {"agents": ".md", "strategies": ".yaml"}
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def builtin(kind: Kind) -> Path:
    """The folder of what contemplate brings: inside the package of a wheel, at the root of a checkout."""
    packaged = Path(str(files("contemplate.catalogue"))) / kind
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / kind


class Catalogue:
    """Finds cards and recipes by name: in the project's folder first, then among the built-in ones.

    Args:
        project: a folder with `agents/` and `strategies/` of the user's own. Nothing is looked for elsewhere.
    """

    def __init__(self, project: Path | None = None) -> None:
        """Look into `project` and into what contemplate brings."""
        self.project = project

    def names(self, kind: Kind) -> list[str]:
        """The names known, sorted."""
        return sorted(self._files(kind))

    def card(self, name: str) -> Card:
        """The card of that name.

        Raises:
            UnknownNameError: with the nearest names.
            RecipeError: the file is wrong, at a line.
        """
        file = self._find("agents", "agent", name)
        return load_card(read_text(file), name, str(file))

    def recipe(self, name: str) -> Recipe:
        """The recipe of that name, or in the file of that path (a path ends in .yaml or .yml).

        Raises:
            UnknownNameError: with the nearest names.
            InputError: there is no such file, or it is no text.
            RecipeError: the file is wrong, at a line.
        """
        if name.endswith((".yaml", ".yml")):
            file = Path(name)
            return Recipe(read_text(file), file.stem, name)
        file = self._find("strategies", "strategy", name)
        return Recipe(read_text(file), name, str(file))

    def cards(self, strategy: Strategy) -> Mapping[str, Card]:
        """The cards that a strategy uses, by name."""
        return {name: self.card(name) for name in strategy.cards}

    def _find(self, kind: Kind, what: str, name: str) -> Path:
        known = self._files(kind)
        if name not in known:
            raise UnknownNameError(what, name, sorted(known), hint=f"(contemplate list {kind})")
        return known[name]

    def _files(self, kind: Kind) -> dict[str, Path]:
        folders = [builtin(kind), *([self.project / kind] if self.project else [])]
        found = {}
        for folder in folders:
            for file in sorted(folder.glob(f"*{_ENDINGS[kind]}")) if folder.is_dir() else ():
                check_name(file)
                found[file.stem] = file
        return found


def check_name(file: Path) -> None:
    """Raise an InputError unless `file` is named so that it can be used on every system."""
    if not _NAME.match(file.stem) or file.stem in _RESERVED:
        msg = f"{file}: rename it: small letters, digits and '-' only, a letter first, no name that Windows reserves"
        raise InputError(msg)


def read_text(file: Path) -> str:
    """The text of a file that the user named.

    Raises:
        InputError: it is not there, is a folder, can't be read or is no UTF-8 text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        msg = f"{file}: no such file"
    except IsADirectoryError:
        msg = f"{file}: a folder, where a file was expected"
    except UnicodeDecodeError as error:
        msg = f"{file}: not UTF-8 text (byte {error.start})"
    except OSError as error:
        msg = f"{file}: can't be read ({error.strerror or error})"
    raise InputError(msg)
