"""A set of questions: its ids, its groups, its digest."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from contemplate.answers import check_question, is_right
from contemplate.errors import InputError
from contemplate.experiments.questions.checklist import Checklist, ChecklistGrader
from contemplate.experiments.questions.graders import Grader
from contemplate.files import write_private
from contemplate.text import one_line
from contemplate.types import Json, Question, canonical_json

MAX_NAME = 200
"""The longest id, and the longest group, in characters."""

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
_WORKED = frozenset({"number", "boolean", "date"})
"""Kinds whose gold answer is short, so that a long one is a worked solution, in which the wrong number would be read."""

_LONGEST_GOLD = 200
_NO_GROUPS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Entry:
    """A question as it stands in a set.

    Attributes:
        question: with an id.
        group: what it shares with others of its set (one text, one template), so that their errors go together.
        checklist: the facts by which its answers are graded, where there are such; no agent ever sees it.
    """

    question: Question
    group: str | None = None
    checklist: Checklist | None = None

    @property
    def row(self) -> Json:
        """Its line in a file of questions, as JSON values."""
        question = self.question
        row: Json = {"id": question.id, "question": question.text, "kind": question.kind}
        if question.choices:
            row["choices"] = list(question.choices)
        gold = list(question.golds) if question.accepted else question.gold
        checklist = None if self.checklist is None else self.checklist.model_dump(mode="json")
        documents = [one.model_dump(mode="json", exclude_defaults=True) for one in question.documents] or None
        rest: Json = {
            "json_schema": question.json_schema,
            "documents": documents,
            "gold": gold,
            "group": self.group,
            "checklist": checklist,
        }
        rest["privacy"] = None if question.privacy == "any" else question.privacy
        return row | {name: value for name, value in rest.items() if value is not None}


@dataclass(frozen=True)
class QuestionSet:
    """Questions in their order.

    Attributes:
        name: where they come from.
        questions: at least one; each has an id of its own.
        groups: the group of each question that has one, by id.
        versions: of what the questions were generated or loaded with, by name.
        grader: the set's own way to grade answers, where it brings one.
    """

    name: str
    questions: tuple[Question, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    grader: Grader | None = None

    @classmethod
    def of(
        cls, questions: Iterable[Question], groups: Mapping[str, str] = _NO_GROUPS, *, name: str = "questions", gold: bool = True
    ) -> QuestionSet:
        """A set of questions made in Python; one without an id gets its number, from 1.

        Args:
            questions: in the order in which they are asked.
            groups: by id.
            name: of the set.
            gold: whether each needs a gold answer that its kind can read.

        Raises:
            InputError: a question that can't be asked, an id twice, a group for no question, or no question at all.
        """
        check = Checks(gold=gold)
        found = []
        for number, question in enumerate(questions, 1):
            named = question if question.id is not None else question.model_copy(update={"id": str(number)})
            found.append(check(Entry(named, groups.get(named.id or "")), f"{name}: question {number}"))
        return cls.gathered(name, found, groups)

    @classmethod
    def gathered(
        cls,
        name: str,
        entries: Iterable[Entry],
        groups: Mapping[str, str] = _NO_GROUPS,
        versions: Mapping[str, str] = _NO_GROUPS,
        grader: Grader | None = None,
    ) -> QuestionSet:
        """A set of entries that were checked one by one.

        Raises:
            InputError: there are none, or a group is given for a question that is none of them.
        """
        found = list(entries)
        if not found:
            raise InputError(f"{name}: there are no questions in it")
        ids = {entry.question.id for entry in found}
        if strangers := [one for one in groups if one not in ids]:
            raise InputError(f"{name}: a group is given for {strangers[0]!r}, which is the id of no question")
        theirs = {str(entry.question.id): entry.group for entry in found if entry.group is not None}
        lists = {str(entry.question.id): entry.checklist for entry in found if entry.checklist is not None}
        grader = ChecklistGrader(lists) if lists and grader is None else grader
        return cls(name, tuple(entry.question for entry in found), theirs, dict(versions), grader)

    def __len__(self) -> int:
        """The number of questions."""
        return len(self.questions)

    def __iter__(self) -> Iterator[Question]:
        """The questions in their order."""
        return iter(self.questions)

    @property
    def entries(self) -> Iterator[Entry]:
        """The questions with their groups and checklists."""
        lists = self.grader.lists if isinstance(self.grader, ChecklistGrader) else {}
        return (Entry(one, self.groups.get(str(one.id)), lists.get(str(one.id))) for one in self.questions)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over all that is in the set, in its order; not over its name."""
        hashed = hashlib.sha256()
        for entry in self.entries:
            hashed.update(canonical_json(entry.row).encode("utf-8", "surrogatepass") + b"\n")
        return hashed.hexdigest()

    def write(self, path: Path | str) -> None:
        """Write the set as JSON Lines, compressed if the name ends in `.gz`; `load` reads it back with the same digest.

        Raises:
            OSError: the file can't be written.
        """
        text = "".join(canonical_json(entry.row) + "\n" for entry in self.entries).encode()
        write_private(Path(path), gzip.compress(text, mtime=0) if str(path).endswith(".gz") else text)

    def need_gold(self) -> None:
        """Refuse a set in which a question has no gold answer that its kind can read.

        Raises:
            InputError: with the id of the first such question.
        """
        for question in self.questions:
            check_gold(question, f"{self.name}: question {question.id!r}")


class Checks:
    """Checks of each question of a set, from whatever source. One instance for one set.

    Args:
        gold: whether each needs a gold answer that its kind can read; None: those that have one need such a one.
    """

    def __init__(self, *, gold: bool | None) -> None:
        self._gold = gold
        self._found_at: dict[str, str] = {}

    def __call__(self, entry: Entry, where: str) -> Entry:
        """`entry`, if it may stand in the set; `where` is where it comes from.

        Raises:
            InputError: with where the entry stands, and the field.
        """
        question = entry.question
        for name, text in (("id", question.id), ("group", entry.group), *(("gold", gold) for gold in question.golds)):
            if text is not None:
                _check_text(name, text, where)
        if question.id is None:
            raise InputError(f"{where}: id: it is missing")
        try:
            check_question(question)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        if (first := self._found_at.setdefault(question.id, where)) != where:
            raise InputError(f"{where}: id: {question.id!r} stands there twice; it was first at {first}")
        if self._gold or (self._gold is None and question.gold is not None):
            check_gold(question, where)
        return entry


def _check_text(name: str, text: str, where: str) -> None:
    if not text.strip():
        raise InputError(f"{where}: {name}: it is empty")
    if _UNSENDABLE.search(text):
        raise InputError(f"{where}: {name}: it holds a NUL character or half of a surrogate pair; it is no text")
    if name != "gold" and len(text) > MAX_NAME:
        raise InputError(f"{where}: {name}: it is {len(text):,} characters long; the most is {MAX_NAME}")


def check_gold(question: Question, where: str) -> None:
    """Refuse a question without a gold answer that its kind can read.

    Raises:
        InputError: with `where`, and what to do.
    """
    if question.gold is None:
        raise InputError(f"{where}: gold: it is missing, and answers are graded by it")
    for gold in question.golds:
        if question.kind in _WORKED and ("\n" in gold.strip() or len(gold) > _LONGEST_GOLD):
            raise InputError(
                f"{where}: gold: a {question.kind} is wanted, and this looks like a worked solution: {one_line(gold, 60)!r};"
                " `gold_from` says where the answer stands in it"
            )
    try:
        is_right(None, question)
    except ValueError as error:
        said = one_line(str(error), 200).removeprefix("the gold answer ")
        hint = "; if it is the place of an option, say `gold_from: index`" if question.kind == "choice" else ""
        raise InputError(f"{where}: gold: {said}{hint}") from None
