"""Checks of a question, before anything is called for it."""

from __future__ import annotations

from contemplate.answers.choice import MAX_CHOICES, MIN_CHOICES
from contemplate.answers.kind import NOTHING, Kind
from contemplate.answers.schema import check_schema
from contemplate.attachments import MAX_ATTACHMENTS, MAX_FILES
from contemplate.documents import MAX_CHARACTERS, MAX_CHARACTERS_IN_ALL, MAX_DOCUMENTS
from contemplate.errors import InputError
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import MAX_QUESTION, Question

MAX_SYSTEM = 100_000
"""The longest system prompt of the user's, in characters."""
MAX_HISTORY = 1_000_000
"""The most that was said before a question, in characters."""

_GOLD_LENGTH = 20_000
_UNSENDABLE = regex("[\x00\ud800-\udfff]")


def check_question(question: Question) -> None:
    """Refuse a question that can't be asked.

    Raises:
        InputError: the text is empty, too long, or holds what no provider takes; or the choices or the JSON Schema do not
            fit the kind; or what it comes with is wrong in such a way, or the history is none of a user and an assistant in turn.
    """
    if not question.text.strip():
        raise InputError("the question is empty")
    if len(question.text) > MAX_QUESTION:
        raise InputError(f"the question is {len(question.text):,} characters long; the most is {MAX_QUESTION:,}")
    texts = {"question": question.text} | {f"choice {number}": choice for number, choice in enumerate(question.choices, 1)}
    for what, text in texts.items():
        _check_sendable(what, text)
    _check_documents(question)
    _check_attachments(question)
    _check_history(question)
    if question.system is not None:
        _check_system(question.system)
    _check_choices(question)
    if question.json_schema is not None:
        if question.kind != "json":
            raise InputError(f"a JSON Schema is given, but the answer wanted is of kind {question.kind!r}, and not 'json'")
        check_schema(question.json_schema)


def _check_sendable(what: str, text: str) -> None:
    if bad := _UNSENDABLE.search(text):
        name = "a NUL character" if bad[0] == "\x00" else "half of a surrogate pair"
        raise InputError(f"the {what} holds {name} at position {bad.start()}; it is no text")


def _check_documents(question: Question) -> None:
    if len(question.documents) > MAX_DOCUMENTS:
        raise InputError(f"{len(question.documents)} documents; a question has at most {MAX_DOCUMENTS}")
    for number, document in enumerate(question.documents, 1):
        what = f"document {number} ({one_line(document.name, 100)})"
        _check_sendable(what, document.text)
        _check_sendable(f"name of document {number}", document.name)
        if not document.text.strip():
            raise InputError(f"{what} is empty")
        if len(document.text) > MAX_CHARACTERS:
            raise InputError(f"{what} has {len(document.text):,} characters; a document has at most {MAX_CHARACTERS:,}")
    if (total := sum(len(document.text) for document in question.documents)) > MAX_CHARACTERS_IN_ALL:
        raise InputError(f"the documents have {total:,} characters together; the most is {MAX_CHARACTERS_IN_ALL:,}")


def _check_attachments(question: Question) -> None:
    if len(question.attachments) > MAX_ATTACHMENTS:
        raise InputError(f"{len(question.attachments)} attachments; a question has at most {MAX_ATTACHMENTS}")
    if (total := sum(one.size for one in question.attachments)) > MAX_FILES:
        raise InputError(f"the attachments have {total:,} bytes together; the most is {MAX_FILES:,}")
    for number, attachment in enumerate(question.attachments, 1):
        _check_sendable(f"name of attachment {number}", attachment.name)


def _check_history(question: Question) -> None:
    wanted = "the history holds messages of a user and an assistant in turn, a user's first, an assistant's last"
    for number, message in enumerate(question.history, 1):
        _check_sendable(f"message {number} of the history", message.text)
        role = "user" if number % 2 else "assistant"
        if message.role != role:
            raise InputError(f"{wanted}; message {number} is of role {message.role!r}, where one of {role!r} was expected")
        if not isinstance(message.content, str) or not message.content.strip():
            raise InputError(f"message {number} of the history {'is empty' if not message.text.strip() else 'is no plain text'}")
    if len(question.history) % 2:
        raise InputError(f"{wanted}; the last one is the user's, and the question would be a second one in a row")
    if (total := sum(len(message.text) for message in question.history)) > MAX_HISTORY:
        raise InputError(f"the history has {total:,} characters; the most is {MAX_HISTORY:,}")


def _check_system(system: str) -> None:
    _check_sendable("system prompt", system)
    if not system.strip():
        raise InputError("the system prompt is empty")
    if len(system) > MAX_SYSTEM:
        raise InputError(f"the system prompt is {len(system):,} characters long; the most is {MAX_SYSTEM:,}")


def _check_choices(question: Question) -> None:
    if question.kind != "choice":
        if question.choices:
            raise InputError(f"choices are given, but the answer wanted is of kind {question.kind!r}, and not 'choice'")
        return
    if not MIN_CHOICES <= len(question.choices) <= MAX_CHOICES:
        raise InputError(
            f"a question of kind 'choice' needs {MIN_CHOICES} to {MAX_CHOICES} choices, and has {len(question.choices)}"
        )
    seen: dict[str, int] = {}
    for number, choice in enumerate(question.choices, 1):
        text = " ".join(choice.split())
        if not text:
            raise InputError(f"choice {number} is empty")
        if text in seen:
            raise InputError(f"choices {seen[text]} and {number} are the same: {text[:80]!r}")
        seen[text] = number


def gold_of(question: Question, kind: Kind, gold: str) -> str | None:
    """The canonical form of a gold answer; None if `kind` can't read it."""
    found = kind.read(gold[:_GOLD_LENGTH], question)
    return found.value if found and found is not NOTHING else None
