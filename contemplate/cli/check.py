"""`contemplate check`: what is wrong with cards, recipes and settings, before a run finds out."""

from __future__ import annotations

import json
from pathlib import Path

from contemplate.agents.card import load_card
from contemplate.catalogue import Catalogue, check_name, read_text
from contemplate.catalogue.recipe import Recipe
from contemplate.cli.location import Location
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.orchestration.settings import read_settings
from contemplate.text import printable


def check_files(files: list[Path], location: Location, *, as_json: bool) -> int:
    """Check each file; return 0 if all are right, 2 if not."""
    catalogue = location.catalogue()
    rows = [{"name": str(file), "problem": _problem(file, catalogue)} for file in files]
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
    else:
        for row in rows:
            print(printable(row["problem"] or f"{row['name']}: right"))
    return Status.BAD_INPUT if any(row["problem"] for row in rows) else Status.DONE


def _problem(file: Path, catalogue: Catalogue) -> str | None:
    try:
        _check(file, catalogue)
    except InputError as error:
        return str(error)
    return None


def _check(file: Path, catalogue: Catalogue) -> None:
    match file.suffix:
        case ".md":
            text = read_text(file)
            check_name(file)
            load_card(text, file.stem, str(file))
        case ".yaml" | ".yml":
            text = read_text(file)
            check_name(file)
            recipe = Recipe(text, file.stem, str(file))
            catalogue.cards(recipe.strategy(), recipe)
        case ".toml":
            read_settings(file)
        case _:
            msg = f"{file}: a card ends in .md, a recipe in .yaml, settings in .toml"
            raise InputError(msg)
