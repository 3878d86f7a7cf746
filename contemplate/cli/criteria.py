"""Criteria as they are given on the command line: written out, in a file, or left to the panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contemplate.catalogue import read_text
from contemplate.errors import InputError
from contemplate.types import Criterion, Question, read_criteria
from contemplate.yaml_file import parse_yaml

_YAML = (".yaml", ".yml")


def given_criteria(typed: str) -> tuple[Criterion, ...] | str:
    """The criteria that `--criteria` names: "panel", a file, or a text as "correct:3,short:1".

    A file holds lines `name: weight  # description`; one that ends in .yaml or .yml may also hold `weight` and
    `description` by name, or a list of these with `name`.

    Raises:
        InputError: there is no such file, or what is given are no criteria; in one line.
    """
    if typed == "panel":
        return typed
    file = Path(typed)
    is_file = "\n" not in typed and "\0" not in typed and len(typed) < 1000 and file.is_file()  # noqa: PLR2004 - a path is shorter
    if not is_file and ":" not in typed and (file.suffix or "/" in typed):
        raise InputError(f"--criteria {typed}: there is no such file; criteria are written as correct:3,short:1")
    where = f"--criteria {typed}: " if is_file else "--criteria: "
    text = read_text(file) if is_file else typed
    try:
        found = _from_yaml(text, file) if is_file and file.suffix in _YAML else read_criteria(text)
        criteria = Question(text="?", criteria=found).criteria
    except ValueError as error:
        raise InputError(f"{where}{str(error).removeprefix('Question: criteria: ')}") from None
    if not criteria:
        raise InputError(f"{where}there are no criteria in it; write them as correct:3,short:1")
    return criteria


def _from_yaml(text: str, file: Path) -> tuple[Criterion, ...]:
    """The criteria of a YAML file; comments behind weights are descriptions, as in any other file."""
    value = parse_yaml(text, str(file)).value
    if isinstance(value, Mapping):
        if not any(isinstance(weight, Mapping) for weight in value.values()):
            return read_criteria(text)
        rows = [{"name": name, **(row if isinstance(row, Mapping) else {"weight": row})} for name, row in value.items()]
    elif isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        rows = value
    else:
        msg = "expected 'name: weight' lines, or a list of entries with 'name', 'weight' and perhaps 'description'"
        raise ValueError(msg)
    return tuple(_one(row, number) for number, row in enumerate(rows, 1))


def _one(row: Mapping[str, Any], number: int) -> Criterion:
    try:
        return Criterion(**row)
    except ValueError as error:
        named = f"the criterion {row['name']!r}" if "name" in row else f"criterion {number}"
        msg = f"{named}: {str(error).removeprefix('Criterion: ')}"
        raise ValueError(msg) from None
