"""A mapping of fields, for recorded samples of another form than ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contemplate.errors import InputError, UnknownNameError
from contemplate.types import AnswerKind, Json

FIELDS = ("id", "question", "kind", "choices", "json_schema", "gold", "samples")
OF_SAMPLES = ("samples.text", "samples.answer", "samples.right", "samples.member", "samples.weight", "samples.score")
_OWN = {name: name.removeprefix("samples.") for name in ("id", "question", "gold", "samples", "samples.text")}
"""What is looked for under its own name if nothing else is said."""


class Form:
    """Makes the fields of a record from a line of a file. One instance for one file.

    With a mapping, each name of `FIELDS` and `OF_SAMPLES` that it names is looked for where it says; a dotted path leads into
    nested objects and lists. `id`, `question`, `gold`, `samples` and `samples.text` stand under their own names unless it says
    otherwise, a record without an id has the number of its line, and a sample may be a bare text. Nothing else is read.

    Args:
        mapping: of our names to paths in a record; None for files in our own form.
        kind: of the questions that name none.

    Raises:
        UnknownNameError: it maps something that records do not have.
    """

    def __init__(self, mapping: Mapping[str, str] | None, kind: AnswerKind | None) -> None:
        for name in mapping or ():
            if name not in (*FIELDS, *OF_SAMPLES):
                raise UnknownNameError("field of records", name, (*FIELDS, *OF_SAMPLES))
        self._paths = None if mapping is None else {**_OWN, **mapping}
        self._kind = kind
        self._unmatched = dict(mapping or {})
        self._seen: dict[str, None] = {}

    def record(self, line: str, number: int) -> object:
        """The fields of the record on a line, not yet checked.

        Raises:
            InputError: it is not JSON.
        """
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"Invalid JSON: {error}") from None
        if not isinstance(row, dict):
            raise InputError("Input should be an object")
        if self._paths is not None:
            row = self._mapped(row, number)
        if self._kind is not None and row.get("kind") is None:
            row["kind"] = self._kind
        return row

    def end(self, file: str) -> None:
        """Refuse a mapping to paths where no record has anything.

        Raises:
            InputError: with the fields that there are.
        """
        for name, path in self._unmatched.items():
            near = UnknownNameError("field", path, tuple(self._seen))
            raise InputError(f"{file}: fields: {name}: {near}")

    def _mapped(self, row: Json, number: int) -> Json:
        self._seen.update(dict.fromkeys(row))
        record = self._taken(FIELDS, row)
        record.setdefault("id", number)
        samples = record.get("samples")
        if isinstance(samples, list):
            record["samples"] = [self._sample(sample) for sample in samples]
        return record

    def _sample(self, sample: object) -> object:
        if isinstance(sample, str):
            return {"text": sample}
        if not isinstance(sample, dict):
            return sample
        self._seen.update(dict.fromkeys(sample))
        return {name.removeprefix("samples."): value for name, value in self._taken(OF_SAMPLES, sample).items()}

    def _taken(self, names: tuple[str, ...], row: Json) -> Json:
        found = {}
        for name in names:
            path = (self._paths or {}).get(name)
            if path is not None and (there := _at(row, path)) is not None:
                found[name] = there[0]
                self._unmatched.pop(name, None)
        return found


def _at(row: Json, path: str) -> tuple[Any] | None:
    """The value at a path, in a tuple, as it may be null; None if there is no such path."""
    if path in row:
        return (row[path],)
    value: Any = row
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return None
    return (value,)
