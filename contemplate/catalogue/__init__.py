"""The catalogue: the cards and recipes that contemplate brings, and those of a project folder."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from typing import Literal

from contemplate.agents.card import Card, load_card
from contemplate.catalogue.recipe import Recipe, dump
from contemplate.catalogue.strategy import Strategy
from contemplate.catalogue.validation import program_problem
from contemplate.errors import InputError, RecipeError, UnknownNameError
from contemplate.files import open_regular
from contemplate.installed import Group, installed, installed_names
from contemplate.types import MAX_QUESTION

Kind = Literal["agents", "strategies"]

_STRATEGIES: Group = "contemplate.strategies"
_ENDINGS: dict[Kind, str] = {"agents": ".md", "strategies": ".yaml"}
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}

_MAX_BYTES = 4 * MAX_QUESTION


@cache
def builtin(kind: Kind) -> Traversable:
    """The folder of what contemplate brings: inside the package of a wheel (zipped or not), at the root of a checkout."""
    packaged = files("contemplate.catalogue") / kind
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
        """The names known, sorted; among strategies those that installed packages declare, too."""
        theirs = filter(_allowed, installed_names(_STRATEGIES)) if kind == "strategies" else ()
        return sorted({*self._files(kind), *theirs})

    def card(self, name: str) -> Card:
        """The card of that name.

        Raises:
            UnknownNameError: with the nearest names.
            RecipeError: the file is wrong, at a line.
        """
        file = self._find("agents", name)
        if file is None:
            raise UnknownNameError("agent", name, self.names("agents"), hint="(contemplate list agents)")
        return _card(read_text(file), name, str(file))

    def recipe(self, name: str) -> Recipe:
        """The recipe of that name, or in the file of that path (a path ends in .yaml or .yml).

        A project's go before ours, and ours before those that installed packages declare (entry point group
        `contemplate.strategies`).

        Raises:
            UnknownNameError: with the nearest names.
            InputError: there is no such file, or it is no text; or what a package declares is no strategy.
            RecipeError: the file is wrong, at a line.
        """
        if name.endswith((".yaml", ".yml")):
            return _recipe(read_text(Path(name)), Path(name).stem, name)
        if (file := self._find("strategies", name)) is not None:
            return _recipe(read_text(file), name, str(file))
        if _allowed(name) and (theirs := _from_package(name)) is not None:
            return theirs
        raise UnknownNameError("strategy", name, self.names("strategies"), hint="(contemplate list strategies)")

    def cards(self, strategy: Strategy, recipe: Recipe | None = None) -> Mapping[str, Card]:
        """The cards that a strategy uses, by name; `recipe`, where it comes from, is named in errors.

        Raises:
            InputError: there is no such card, it is wrong, or a step can't do with it.
        """
        try:
            cards = {name: self.card(name) for name in strategy.cards}
        except UnknownNameError as error:
            if recipe is None:
                raise
            raise RecipeError(recipe.file, str(error), line=recipe.line_of(error.name)) from None
        programmers = {name for name, card in cards.items() if card.writes_programs}
        if (problem := program_problem(strategy.steps, programmers)) is not None:
            raise InputError(problem) if recipe is None else RecipeError(recipe.file, problem)
        return cards

    def _find(self, kind: Kind, name: str) -> Traversable | None:
        if _allowed(name):
            for folder in reversed(self._folders(kind)):
                if (file := folder / f"{name}{_ENDINGS[kind]}").is_file():
                    return file
        return None

    def _folders(self, kind: Kind) -> list[Traversable]:
        """The folders to look in; a later one goes before those before it."""
        return [builtin(kind), *([self.project / kind] if self.project else [])]

    def _files(self, kind: Kind) -> dict[str, Traversable]:
        found: dict[str, Traversable] = {}
        for folder in self._folders(kind):
            inside = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else ()
            for file in inside:
                if file.name.endswith(_ENDINGS[kind]):
                    check_name(file)
                    found[file.name.removesuffix(_ENDINGS[kind])] = file
        return found


@lru_cache(maxsize=1024)
def _card(text: str, name: str, file: str) -> Card:
    """The card in a text, parsed once in a process (YAML takes 10 ms a file)."""
    return load_card(text, name, file)


@lru_cache(maxsize=256)
def _recipe(text: str, name: str, file: str) -> Recipe:
    """The recipe in a text, parsed once in a process."""
    return Recipe(text, name, file)


def _from_package(name: str) -> Recipe | None:
    """The strategy that an installed package declares, as a recipe; None if none does.

    Raises:
        InputError: it can't be imported, or is neither a strategy nor the text of a recipe.
    """
    found = installed(_STRATEGIES, name)
    if isinstance(found, Strategy):
        found = dump(found)
    if found is None or isinstance(found, str):
        return None if found is None else _recipe(found, name, f"{_STRATEGIES}:{name}")
    raise InputError(f"the strategy {name!r} of an installed package is neither a `Strategy` nor the text of a recipe")


def _allowed(name: str) -> bool:
    return _NAME.match(name) is not None and name not in _RESERVED


def check_name(file: Traversable) -> None:
    """Raise an InputError unless `file` is named so that it can be used on every system."""
    if not _allowed(PurePath(file.name).stem):
        msg = f"{file}: rename it: small letters, digits and '-' only, a letter first, no name that Windows reserves"
        raise InputError(msg)


def read_text(file: Traversable) -> str:
    """The text of a file that the user named.

    Raises:
        InputError: it is not there, is a folder or no regular file, can't be read, has no end or is no UTF-8 text.
    """
    try:
        with open_regular(file) if isinstance(file, Path) else file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
        if len(content) <= _MAX_BYTES:
            return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()
        msg = f"{file}: over {_MAX_BYTES:,} bytes, longer than any question, card or recipe can be"
    except FileNotFoundError:
        msg = f"{file}: no such file"
    except IsADirectoryError:
        msg = f"{file}: a folder, where a file was expected"
    except UnicodeDecodeError as error:
        msg = f"{file}: not UTF-8 text (byte {error.start})"
    except OSError as error:
        msg = f"{file}: can't be read ({error.strerror or error})"
    raise InputError(msg)
