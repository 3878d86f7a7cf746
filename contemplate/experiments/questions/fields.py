"""From the fields of a row to a question: which field is what, and where the gold answer stands in it."""

from __future__ import annotations

import datetime as dt
import json
import re
import string
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args

from pydantic import StringConstraints, ValidationError

from contemplate.answers.boxes import boxes
from contemplate.errors import InputError
from contemplate.experiments.questions.checklist import Checklist
from contemplate.experiments.questions.rows import QuestionRow
from contemplate.experiments.questions.sets import Checks, Entry
from contemplate.text import one_line
from contemplate.types import PRIVACY, AnswerKind, Document, Privacy, Question, Value, canonical_json

Place = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A field of a row; a dotted one leads into nested objects and lists, as `answers.text.0`."""

_KINDS = get_args(AnswerKind)
_LABEL = re.compile(r"\s*\(?([A-Z])(?:[).:]|\s-\s)\s*")


class Fields(Value):
    r"""The fields of a row by meaning. One not named is not read; only the question is then looked for under its own name.

    Attributes:
        question: the text; several fields are joined by blank lines.
        gold: the right answer; a list holds several that are all accepted, but for the kinds "set" and "json".
        gold_from: what of that field is the answer: "whole"; "hashes", what follows the last `####`; "boxed", what stands in the
            last `\boxed{}`; "last-line"; "index", the index of the right option from 0, or "index-1", from 1.
        kind: the kind of answer; one of the names that `Question.kind` has.
        choices: the options: a list, an object with the keys A, B, ..., or several fields of one option each.
        choices_from: "list" takes them as they are; "labelled" takes off `A)`, `(A)`, `A.` in front.
        json_schema: what an answer of kind "json" must satisfy.
        id: unique in the set; without it, the number of the row, from 1.
        group: what questions share; see `Entry`.
        checklist: the facts by which answers are graded: an object, see `Checklist`.
        privacy: the label of the question: "local", "eu" or "any".
        documents: what the question comes with: a list of objects with `name` and `text`, or one text.
    """

    question: Place | tuple[Place, ...] = "question"
    gold: Place | None = None
    gold_from: Literal["whole", "hashes", "boxed", "last-line", "index", "index-1"] = "whole"
    kind: Place | None = None
    choices: Place | tuple[Place, ...] | None = None
    choices_from: Literal["list", "labelled"] = "list"
    json_schema: Place | None = None
    id: Place | None = None
    group: Place | None = None
    checklist: Place | None = None
    privacy: Place | None = None
    documents: Place | None = None

    @classmethod
    def of(cls, mapping: Mapping[str, object]) -> Fields:
        """The fields that a mapping names.

        Raises:
            InputError: it names something that questions do not have, or its values are no fields.
        """
        try:
            return cls.model_validate({name: tuple(to) if isinstance(to, list) else to for name, to in mapping.items()})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0])
            if first["type"] == "extra_forbidden":
                raise InputError(f"mapping: {_unknown('word', name, list(cls.model_fields))}") from None
            raise InputError(f"mapping: {name}: {first['msg'][:1].lower()}{first['msg'][1:]}, not {first['input']!r}") from None

    @property
    def paths(self) -> Iterator[tuple[str, str]]:
        """Pairs of what is looked for and the path of the field that it is looked for in."""
        for name in ("question", "gold", "kind", "choices", "json_schema", "id", "group", "checklist", "privacy", "documents"):
            path = getattr(self, name)
            for one in (path,) if isinstance(path, str) else path or ():
                yield name, one


OWN = Fields(
    gold="gold",
    kind="kind",
    choices="choices",
    json_schema="json_schema",
    id="id",
    group="group",
    checklist="checklist",
    privacy="privacy",
    documents="documents",
)
"""The form that `QuestionSet.write` writes."""


class Reader:
    """Makes questions of rows. One instance for one set.

    Args:
        source: where the rows come from.
        fields: which field is what; None for our own form, in which an unknown field is refused.
        kind: of the questions that name none.
        gold: whether each question needs a gold answer that its kind can read; None: those that have one need such a one.
    """

    def __init__(self, source: str, fields: Fields | None, kind: AnswerKind | None, *, gold: bool | None) -> None:
        self._source = source
        self._strict = fields is None
        self._fields = fields or OWN
        self._kind: AnswerKind = kind or "text"
        self._gold = gold
        self._check = Checks(gold=gold)
        self._unmatched = set() if self._strict else {path for _, path in self._fields.paths}
        self._names: list[str] = []
        self._rows = 0

    def entry(self, row: QuestionRow) -> Entry:
        """The question in `row`.

        Raises:
            InputError: with where the row stands, and the field.
        """
        self._names = self._names or list(row.fields)
        self._rows += 1
        known = [name for name, _ in OWN.paths]
        if self._strict and (strangers := [name for name in row.fields if name not in known]):
            raise InputError(f"{row.where}: {_unknown('field', strangers[0], known)}; a mapping says which field is what")
        found = {path: value for _, path in self._fields.paths if (value := _find(row.fields, path)) is not None}
        self._unmatched.difference_update(found, row.fields)
        try:
            question = self._question(found, row)
            group = _name("group", found.get(self._fields.group or ""))
            checklist = _checklist(found.get(self._fields.checklist or ""))
        except InputError as error:
            raise InputError(f"{row.where}: {error}") from None
        return self._check(Entry(question, group, checklist), row.where)

    def end(self) -> None:
        """Refuse a mapping to fields that none of the rows has.

        Raises:
            InputError: with the fields that there are.
        """
        for name, path in self._fields.paths:
            if path in self._unmatched and self._names:
                read = f"none of the {self._rows:,} rows read has a field"
                raise InputError(f"{self._source}: mapping: {name}: {read} {_absent(path, self._names)}")

    def _question(self, found: Mapping[str, object], row: QuestionRow) -> Question:
        fields = self._fields
        paths = (fields.question,) if isinstance(fields.question, str) else fields.question
        texts = [_text("question", self._needed("question", path, found, row)) for path in paths]
        kind = self._kind_of(found)
        choices = _choices(fields, found)
        gold = found.get(fields.gold or "")
        if gold is None and self._gold:
            self._needed("gold", fields.gold or "", found, row)
        golds = _golds(gold, kind)
        if gold is not None and not golds:
            raise InputError("gold: the list of accepted answers is empty")
        written = [_extracted(fields, _written(one, kind), choices) for one in golds]
        return Question(
            text="\n\n".join(texts),
            kind=kind,
            choices=choices,
            json_schema=_schema(found.get(fields.json_schema or "")),
            gold=written[0] if written else None,
            id=_name("id", found.get(fields.id or "")) or str(row.number),
            accepted=tuple(dict.fromkeys(one for one in written[1:] if one != written[0])),
            privacy=_privacy(found.get(fields.privacy or "")),
            documents=_documents(found.get(fields.documents or "")),
        )

    def _kind_of(self, found: Mapping[str, object]) -> AnswerKind:
        given = found.get(self._fields.kind or "")
        given = given.strip() if isinstance(given, str) else given
        if given is None:
            return self._kind
        if given not in _KINDS:
            raise InputError(f"kind: {_unknown('kind of answer', _shown(given), list(_KINDS))}")
        return given  # type: ignore[return-value]  # it is one of the literal's values

    def _needed(self, name: str, path: str, found: Mapping[str, object], row: QuestionRow) -> object:
        if path in found:
            return found[path]
        if not path:
            raise InputError(f"{name}: the mapping does not say which field it is")
        if path in row.fields:
            raise InputError(f"{name}: it is empty")
        raise InputError(f"{name}: there is no field {_absent(path, list(row.fields))}")


def _privacy(given: object) -> Privacy:
    """The label of a question; a row without one may go anywhere."""
    for label in PRIVACY:
        if given == label:
            return label
    if given is None:
        return "any"
    raise InputError(f"privacy: {_unknown('label', _shown(given), list(PRIVACY))}")


def _documents(given: object) -> tuple[Document, ...]:
    """The documents of a question: a list of objects, such a list as JSON, or the text of one document."""
    if isinstance(given, str):
        given = _parsed("documents", given) if given.lstrip().startswith("[{") else [{"name": "document", "text": given}]
    if given is None:
        return ()
    if not isinstance(given, list):
        raise InputError(f"documents: a list of objects with name and text is wanted, not {_shown(given)}")
    return tuple(_document(number, one) for number, one in enumerate(given, 1))


def _document(number: int, given: object) -> Document:
    try:
        return Document.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, (number, *first["loc"])))
        raise InputError(f"documents: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _find(row: Mapping[str, object], path: str) -> object:
    """The value at `path`; None if there is none."""
    if path in row:
        return _or_none(row[path])
    value: Any = row
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return None
    return _or_none(value)


def _or_none(value: object) -> object:
    return None if value == "" else value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name}: a text is wanted, not {_shown(value)}")
    return value


def _name(name: str, value: object) -> str | None:
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value if value is None else str(value)
    raise InputError(f"{name}: a text or a whole number is wanted, not {_shown(value)}")


def _checklist(value: object) -> Checklist | None:
    value = _parsed("checklist", value) if isinstance(value, str) else value
    if value is None:
        return None
    try:
        return Checklist.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "checklist"
        raise InputError(f"checklist: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _choices(fields: Fields, found: Mapping[str, object]) -> tuple[str, ...]:
    if isinstance(fields.choices, tuple):
        options: Any = [found[path] for path in fields.choices if path in found]
    else:
        options = found.get(fields.choices or "", [])
    if isinstance(options, str):
        options = _parsed("choices", options) if options.lstrip().startswith("[") else options.split("|")
    if isinstance(options, Mapping):
        if list(options) != list(string.ascii_uppercase[: len(options)]):
            raise InputError(f"choices: an object has the keys A, B, ... in this order, not {_shown(list(options))}")
        options = list(options.values())
    if not isinstance(options, list):
        raise InputError(f"choices: a list is wanted, not {_shown(options)}")
    texts = tuple(str(option) if isinstance(option, int | float) else _text("choices", option) for option in options)
    return texts if fields.choices_from == "list" else _unlabelled(texts)


def _unlabelled(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The options without their letters, which must be those that they will be shown with."""
    labels = [_LABEL.match(text) for text in texts]
    for label, letter, text in zip(labels, string.ascii_uppercase, texts, strict=False):
        if label is None or label[1] != letter:
            raise InputError(f"choices: {one_line(text, 40)!r} should begin with its letter, as '{letter})'")
    return tuple(text[label.end() :] for label, text in zip(labels, texts, strict=True) if label)


def _schema(value: object) -> dict[str, Any] | None:
    value = _parsed("json_schema", value) if isinstance(value, str) else value
    if value is None or isinstance(value, dict):
        return value
    raise InputError(f"json_schema: an object is wanted, not {_shown(value)}")


def _parsed(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: it is not JSON: {error}") from None


def _golds(gold: object, kind: AnswerKind) -> list[object]:
    """The accepted answers: those of a list, where an answer of the kind is no list itself."""
    if isinstance(gold, list) and kind not in {"set", "json"}:
        return [one for one in gold if _or_none(one) is not None]
    return [] if gold is None else [gold]


def _written(gold: object, kind: AnswerKind) -> str:
    """A gold answer as text; lists only where the kind has several items."""
    if isinstance(gold, str):
        return gold
    if isinstance(gold, dt.date):
        return gold.isoformat()[:10]
    if kind in {"json", "set"} or isinstance(gold, bool | int | float):
        try:
            return canonical_json(gold)
        except (TypeError, ValueError):
            raise InputError(f"gold: it is no JSON value: {_shown(gold)}") from None
    raise InputError(f"gold: one answer of kind {kind!r} is wanted, not {_shown(gold)}; a path goes into it, as `answers.0`")


def _extracted(fields: Fields, text: str, choices: tuple[str, ...]) -> str:
    how = fields.gold_from
    if how == "hashes":
        _, mark, rest = text.rpartition("####")
        answer = rest.strip().partition("\n")[0] if mark else ""
        problem = "there is no '####' with an answer behind it"
    elif how == "boxed":
        answer, problem = next(iter(boxes(text)), ""), r"there is no \boxed{} in it"
    elif how == "last-line":
        answer, problem = text.strip().rpartition("\n")[2], "it has no line"
    elif how in {"index", "index-1"}:
        first = 0 if how == "index" else 1
        index = int(text) - first if text.strip().isdecimal() and len(text) < 9 else -1  # noqa: PLR2004 - no set has so many
        answer = string.ascii_uppercase[index] if 0 <= index < min(len(choices), 26) else ""
        problem = f"{one_line(text, 40)!r} is not the place of an option, from {first} to {len(choices) - 1 + first}"
    else:
        return text
    if not answer.strip():
        raise InputError(f"gold: {problem}")
    return answer.strip()


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {one_line(name, 40)!r}{hint} (known: {', '.join(known)})"


def _absent(path: str, names: list[str]) -> str:
    listed = ", ".join(one_line(name, 30) for name in names[:12]) + (", ..." if len(names) > 12 else "")  # noqa: PLR2004
    near = get_close_matches(path, names, n=1)
    return f"{path!r}{f'; did you mean {near[0]!r}?' if near else ''} (there are: {listed})"


def _shown(value: object) -> str:
    return one_line(value if isinstance(value, str) else f"{type(value).__name__} {value!r:.60}", 60)
