"""Sources of questions: a file, or a source named by a word and a colon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import islice
from pathlib import Path

from contemplate.errors import InputError, UnknownNameError
from contemplate.experiments.questions import arithmetic, gym, hugging_face, inspect_tasks, needles
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.fields import Fields, Reader
from contemplate.experiments.questions.graders import Grader
from contemplate.experiments.questions.rows import QuestionRow, file_rows
from contemplate.experiments.questions.sets import Checks, Entry, QuestionSet
from contemplate.types import AnswerKind

_SCHEMES = ("builtin", "gym", "hf", "inspect")
_IN_FILES = ("mixed", "open")
_BUILTIN = ("arithmetic", "needles", *_IN_FILES)


@dataclass(frozen=True)
class _Source:
    """The contents of a source: rows that are still to be read, or entries that are made."""

    entries: Iterable[Entry]
    versions: Mapping[str, str] = field(default_factory=dict)
    grader: Grader | None = None


def load_questions(
    source: str | Path,
    mapping: Fields | Mapping[str, object] | None = None,
    *,
    limit: int | None = None,
    skip: int = 0,
    kind: AnswerKind | None = None,
    gold: bool | None = True,
) -> QuestionSet:
    """A set of questions, whole.

    Args:
        source: a file, `.jsonl`, `.csv`, `.tsv` or `.json`, each also with `.gz` (`str` or `Path`); or
            `builtin:mixed`; `builtin:arithmetic?level=3&size=200&seed=0`, see `contemplate.experiments.questions.arithmetic`;
            `builtin:needles?tokens=2000&size=20&seed=0`, see `contemplate.experiments.questions.needles`;
            `gym:NAME?size=200&seed=0`, a task of reasoning-gym; `hf:NAME:SPLIT`, a data set of Hugging Face, or a folder of one;
            `inspect:FILE.py:FUNCTION`, a task or a data set of Inspect AI.
        mapping: which field of a row is what; None for rows in our own form.
        limit: take the first questions only, at least 1.
        skip: leave so many out before that; they are read, and must be sound.
        kind: of the questions that name none; "text" if it is None. For `gym:`, what goes before the kind that its answers have.
        gold: whether each question needs a gold answer that its kind can read; None: those that have one need such a one. Not
            asked of a set that brings its own grader.

    Raises:
        InputError: in one line with the file, the row and the field; or a library that the source needs is not installed.
    """
    name, found = _part(source, mapping, limit, skip, kind, gold=gold)
    return QuestionSet.gathered(name, found.entries, versions=found.versions, grader=found.grader)


def stream(
    source: str | Path,
    mapping: Fields | Mapping[str, object] | None = None,
    *,
    limit: int | None = None,
    skip: int = 0,
    kind: AnswerKind | None = None,
    gold: bool | None = True,
) -> Iterator[Entry]:
    """The questions of a source, one at a time and in one pass: of those that have gone by, only the ids are held.

    Arguments and errors are those of `load_questions`; the errors of a row come when it is its turn, and a source may be empty.
    """
    return iter(_part(source, mapping, limit, skip, kind, gold=gold)[1].entries)


def _part(
    source: str | Path,
    mapping: Fields | Mapping[str, object] | None,
    limit: int | None,
    skip: int,
    kind: AnswerKind | None,
    *,
    gold: bool | None,
) -> tuple[str, _Source]:
    if limit is not None and limit < 1:
        raise InputError(f"a limit of {limit} questions leaves none; the least is 1")
    if skip < 0:
        raise InputError(f"{skip} questions can't be skipped; the least is 0")
    name, found = _open(source, mapping, None if limit is None else limit + skip, kind, gold=gold)
    return name, replace(found, entries=_after(skip, found.entries, name)) if skip else found


def _after(skip: int, entries: Iterable[Entry], name: str) -> Iterator[Entry]:
    number = 0
    for number, entry in enumerate(entries, 1):
        if number > skip:
            yield entry
    if number <= skip:
        raise InputError(f"{name}: it has {number} questions, so that none is left after {skip}")


def _open(
    source: str | Path,
    mapping: Fields | Mapping[str, object] | None,
    limit: int | None,
    kind: AnswerKind | None,
    *,
    gold: bool | None,
) -> tuple[str, _Source]:
    fields = mapping if isinstance(mapping, Fields) or mapping is None else Fields.of(mapping)
    name = str(source)
    scheme, colon, rest = name.partition(":")
    if isinstance(source, Path) or not colon or scheme not in _SCHEMES:
        return name, _from_rows(name, lambda: file_rows(_existing(Path(name))), fields, kind, limit, gold=gold)
    if scheme == "hf":
        rows, versions = hugging_face.rows(Address.of(name, rest))
        return name, _from_rows(name, lambda: rows, fields, kind, limit, gold=gold, versions=versions)
    if fields is not None:
        raise InputError(f"{name}: a mapping is of no use here, where questions are made in our own form")
    address = Address.of(name, rest)
    if scheme == "inspect":
        found = inspect_tasks.InspectTask.named(address, kind)
        return name, _Source(
            _checked(found.entries(limit), name, gold=gold and found.grader is None), found.versions, found.grader
        )
    if scheme == "gym":
        task = gym.Task.of(address, kind)
        return name, _Source(_checked(task.entries(limit), name, gold=False), task.versions, task.grader)
    return name, _builtin(address, kind, limit, gold=gold)


def _builtin(address: Address, kind: AnswerKind | None, limit: int | None, *, gold: bool | None) -> _Source:
    if kind is not None:
        raise InputError(f"{address.source}: its questions have their kinds; {kind!r} is of no use here")
    if address.name == "arithmetic":
        made = arithmetic.entries(arithmetic.Arithmetic.of(address))
        return _Source(_checked(islice(made, limit), address.source, gold=gold))
    if address.name == "needles":
        return _Source(_checked(islice(needles.entries(needles.Needles.of(address)), limit), address.source, gold=gold))
    if address.name not in _IN_FILES:
        raise UnknownNameError("built-in question set", address.name, _BUILTIN)
    address.only(())
    gold = gold and address.name != "open"
    file = files("contemplate.experiments.questions") / "data" / f"{address.name}.jsonl"

    def rows() -> Iterator[QuestionRow]:
        from importlib.resources import as_file

        with as_file(file) as path:
            yield from file_rows(path)

    return _from_rows(address.source, rows, None, None, limit, gold=gold)


def _from_rows(
    name: str,
    rows: Callable[[], Iterable[QuestionRow]],
    fields: Fields | None,
    kind: AnswerKind | None,
    limit: int | None,
    *,
    gold: bool | None,
    versions: Mapping[str, str] | None = None,
) -> _Source:
    def entries() -> Iterator[Entry]:
        reader = Reader(name, fields, kind, gold=gold)
        for row in islice(rows(), limit):
            yield reader.entry(row)
        reader.end()

    return _Source(entries(), versions or {})


def _checked(entries: Iterable[Entry], name: str, *, gold: bool | None) -> Iterator[Entry]:
    check = Checks(gold=gold)
    return (check(entry, f"{name}: question {number}") for number, entry in enumerate(entries, 1))


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise InputError(f"{path}: it is a folder; questions are read from a file (a data set on disk is hf:{path})")
    if not path.exists():
        raise InputError(f"{path}: there is no such file; other sources begin with {', '.join(f'{one}:' for one in _SCHEMES)}")
    return path
