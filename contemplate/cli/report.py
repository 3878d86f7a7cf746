"""What a run came to, as a text, in Markdown or as JSON: printed, or written to a file, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from contemplate.cli.location import Location
from contemplate.cli.words import summary
from contemplate.errors import InputError
from contemplate.files import beside, write_whole
from contemplate.text import printable
from contemplate.trace.outcome import Outcome

T = TypeVar("T")

Form = Literal["text", "markdown", "json"]
"""The form in which an outcome is handed back."""

_BY_ENDING: dict[str, Form] = {".md": "markdown", ".markdown": "markdown", ".json": "json"}
_SQLITE = b"SQLite format 3\0"


def form_of(form: Form | None, output: Path | None, *, as_json: bool) -> Form:
    """The form that is wanted: as it was said, or as the name of the file ends.

    Raises:
        InputError: two forms are wanted at once.
    """
    if form is not None and as_json and form != "json" and output is None:
        raise InputError(f"--json and --format {form}: give one of them")
    if form is None and output is not None:
        form = _BY_ENDING.get(output.suffix.lower())
    return form or ("json" if as_json else "text")


def as_text(outcome: Outcome, location: Location) -> str:
    """An outcome in plain words: the answer, and how it came about."""
    lines = [f"{name + ':':<12} {printable(value)}" if name else printable(value) for name, value in summary(outcome, location)]
    full = [printable(outcome.answer), ""] if outcome.answer is not None and outcome.question.kind == "open" else []
    return "\n".join([*full, *lines]) + "\n"


def as_form(outcome: Outcome, form: Form, location: Location) -> str:
    """An outcome in that form; it ends with a line break."""
    match form:
        case "json":
            return json.dumps(outcome.to_dict(), ensure_ascii=True) + "\n"
        case "markdown":
            return outcome.to_markdown()
        case "text":
            return as_text(outcome, location)


def check_output(file: Path | None, *, overwrite: bool) -> None:
    """Refuse a file that can't be written, or that must not be, before anything is paid for.

    Raises:
        InputError: it is a folder, no regular file, or in none; it is a database; it is there, and `overwrite` was not said;
            or that was said, and no file named.
    """
    if file is None:
        if overwrite:
            raise InputError("--overwrite is of --output: name the file with -o FILE")
        return
    if file.is_dir() or not file.parent.is_dir():
        raise InputError(f"--output {file}: {'is a folder' if file.is_dir() else 'its folder does not exist'}")
    if file.exists():
        _check_other(file, overwrite=overwrite)
    _guarded(file, lambda: beside(file).unlink())


def write_output(file: Path, content: str | bytes, *, overwrite: bool, again: str) -> None:
    """Write `content`, whole or not at all: to a new file beside it, which then takes its place.

    Args:
        file: where to.
        content: what.
        overwrite: whether it may take the place of a file.
        again: the command that gives it once more.

    Raises:
        InputError: it can't be written, or a file is there by now; the run is kept.
    """

    def write() -> None:
        if file.exists() and not overwrite:
            raise FileExistsError(0, "there is a file by now")
        write_whole(file, content)

    _guarded(file, write, f"; the run is kept, and {again} gives it again")


def deliver(outcome: Outcome, file: Path | None, form: Form, location: Location, *, overwrite: bool) -> None:
    """Write an outcome to a file, if one was named; see `write_output`."""
    if file is not None:
        again = f"{location.command('show', outcome.run)} --format {form}"
        write_output(file, as_form(outcome, form, location), overwrite=overwrite, again=again)


def _check_other(file: Path, *, overwrite: bool) -> None:
    """Refuse to write over what is there, unless that is a file, no database, and it was said."""
    if not file.is_file():
        raise InputError(f"--output {file}: is no regular file; leave --output away to print, and redirect that")

    def begins() -> bytes:
        with file.open("rb") as other:
            return other.read(len(_SQLITE))

    if _guarded(file, begins) == _SQLITE:
        raise InputError(f"--output {file}: is a database, perhaps your ledger, and would be overwritten; name another file")
    if not overwrite:
        raise InputError(f"--output {file}: is there already; name another file, or add --overwrite")
    if not os.access(file, os.W_OK):
        raise InputError(f"--output {file}: can't be written (Permission denied)")


def _guarded(file: Path, do: Callable[[], T], more: str = "") -> T:
    """Do something with a file.

    Raises:
        InputError: it can't be done.
    """
    try:
        return do()
    except OSError as error:
        raise InputError(f"--output {file}: can't be written ({error.strerror}){more}") from None
