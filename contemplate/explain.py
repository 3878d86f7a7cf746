"""The first mistake that pydantic finds in a file or a value, as one line: where, and what is allowed there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from contemplate.errors import InvalidValueError, RecipeError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from contemplate.yaml_file import Document, KeyPath, Location


def explain(error: ValidationError, document: Document, allowed: Callable[[Location], Sequence[str]]) -> RecipeError:
    """The first mistake that pydantic found, as one line with its path, its line and the words allowed.

    Args:
        error: what pydantic raised for the value of `document`.
        document: the file.
        allowed: the words allowed in the model that a location ends in.
    """
    path, problem = _first(error, document.value, allowed)
    if len(path) == 1 and document.lines and not _are_ours(document.value, words := allowed(path)):
        # another program's file, perhaps through a link: none of it is shown
        return RecipeError(document.file, f"it has none of the words of such a file ({', '.join(words)})", line=document.line(()))
    return RecipeError(document.file, problem, line=document.line(path), where=_words(path))


def explain_value(error: ValidationError, kind: str, given: Mapping[str, object], known: Sequence[str]) -> InvalidValueError:
    """The first mistake in the fields of a value that is built in Python, as one line.

    Args:
        error: what pydantic raised.
        kind: the name of the value's class.
        given: its fields as they were given, by name.
        known: the names of the fields that there are.
    """
    path, problem = _first(error, dict(given), lambda location: known if len(location) == 1 else ())
    return InvalidValueError(f"{_words(path)}: {problem}" if path else problem, kind)


def explain_word(error: ValidationError) -> str:
    """What is wrong with a word that was typed, as pydantic found it."""
    mistakes = error.errors(include_url=False)
    return _unfit(mistakes[0], mistakes)


def _are_ours(value: Any, words: Sequence[str]) -> bool:  # noqa: ANN401 - a YAML value
    """Whether a word of a mapping is one of ours, or nearly one."""
    return not isinstance(value, dict) or any(get_close_matches(str(one), words, n=1) for one in value)


def _words(path: KeyPath) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _first(error: ValidationError, value: object, allowed: Callable[[Location], Sequence[str]]) -> tuple[KeyPath, str]:
    """The first mistake in `value`: where it is, and what is wrong there."""
    mistakes = error.errors(include_url=False)
    first = next((one for one in mistakes if one["type"] == "extra_forbidden"), mistakes[0])  # a typo explains what is missing
    path = _inside(first, value)
    same = [one for one in mistakes if _inside(one, value)[: len(path)] == path]  # the alternatives of a union
    deepest = max(same, key=lambda one: len(_inside(one, value)))  # the one that the value comes nearest to
    if len(deeper := _inside(deepest, value)) > len(path):
        first, path, same = deepest, deeper, [deepest]
    return path, _problem(first, same, allowed)


def _inside(mistake: Any, value: Any) -> KeyPath:  # noqa: ANN401 - pydantic's error details, and a YAML value
    """The part of a mistake's location that exists in the file, or is missing there: the tags of unions are left out."""
    location: Location = mistake["loc"]
    path: list[str | int] = []
    for number, part in enumerate(location):
        if (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        ):
            value = value[part]  # type: ignore[index]  # narrowed by the line above, which mypy can't see
        elif number < len(location) - 1 or mistake["type"] not in _ABOUT_A_WORD or _is_tag(part, value):
            continue
        path.append(part)
    return tuple(path)


def _is_tag(part: int | str, value: Any) -> bool:  # noqa: ANN401 - a YAML value
    """Whether a part of a location is no word of the file, but what tells a union's members apart."""
    return isinstance(part, int) or (isinstance(value, dict) and value.get("do") == part)


_ABOUT_A_WORD = {"extra_forbidden", "missing", "value_error", "mistake"}
"""Errors whose location ends with a word of the file that may not be there."""

_EXPECTED = {
    "tuple_type": "a list",
    "model_type": "'word: value' pairs",
    "model_attributes_type": "'word: value' pairs",
    "dict_type": "'word: value' pairs",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""What was expected, by the type of pydantic's error."""

_NAMED = {"'do'": "verb", "'test'": "stop test", "'rule'": "stop rule"}
"""What a word names that tells alternatives apart."""


def _problem(first: Any, same: Sequence[Any], allowed: Callable[[Location], Sequence[str]]) -> str:  # noqa: ANN401 - as above
    """The mistake in one line; `same` are all the mistakes at its key path, one for each alternative of a union."""
    word = first["loc"][-1] if first["loc"] else ""
    match first["type"]:
        case "extra_forbidden":
            return _unknown("word", str(word), allowed(first["loc"]))
        case "missing":
            return f"{word!r} is missing" if isinstance(word, str) else f"{word + 1} values are expected here"
        case "union_tag_invalid":
            named = _NAMED.get(str(first["ctx"]["discriminator"]), "word")
            return _unknown(named, str(first["ctx"]["tag"]), str(first["ctx"]["expected_tags"]).replace("'", "").split(", "))
        case "union_tag_not_found":
            tag = str(first["ctx"]["discriminator"])
            return f"{tag} is missing: it names the {_NAMED.get(tag, 'kind')}"
        case _:
            return _unfit(first, same)


def _unknown(what: str, word: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(word, allowed, n=1)
    known = f" (allowed: {', '.join(allowed)})" if allowed else ""
    return f"unknown {what} {word!r}{f'; did you mean {near[0]!r}?' if near else ''}{known}"


def _unfit(first: Any, same: Sequence[Any]) -> str:  # noqa: ANN401 - as above
    """A value that is not of the kind expected, or out of range."""
    given = first.get("input")
    plain = isinstance(given, str | int | float)
    choices = [str(one["ctx"]["expected"]).replace(" or ", ", ") for one in same if one["type"] in {"literal_error", "enum"}]
    expected = [_EXPECTED[one["type"]] for one in same if one["type"] in _EXPECTED]
    if choices and plain:
        return f"{given!r} is not allowed here; allowed: {', '.join(dict.fromkeys([*choices, *expected]))}"
    if choices or expected:
        wanted = dict.fromkeys([*expected, *(f"one of {words}" for words in choices)])
        return f"expected {' or '.join(wanted)}, not {repr(given) if plain else _KINDS.get(type(given), 'something else')}"
    message = str(first["msg"]).removeprefix("Value error, ")
    said = not plain or repr(given) in message
    return message[:1].lower() + message[1:] + ("" if said else f", not {given!r}")


_KINDS = {dict: "'word: value' pairs", list: "a list", tuple: "a list", type(None): "nothing"}
"""What a value is called that is neither text nor number."""
