"""YAML 1.2 files that people write: read safely, with the line of everything, and errors that say what is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from contemplate.errors import RecipeError

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

KeyPath = tuple[str | int, ...]
Location = tuple[int | str, ...]

_MAX_CHARACTERS = 200_000
_MAX_NODES = 20_000
_MAX_DEPTH = 40

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_TAGS = {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"}
_WORDS: dict[str, bool | None] = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


@dataclass
class Document:
    """A YAML document as plain values, and the line on which each of them stands."""

    file: str
    value: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int | None:
        """The line of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def at(self, path: KeyPath) -> Any:  # noqa: ANN401 - a YAML value
        """The value at `path`, which must be there."""
        return reduce(lambda value, part: value[part], path, self.value)

    def mapping(self) -> dict[str, Any]:
        """The document as a mapping; a RecipeError if it is none."""
        if not isinstance(self.value, dict):
            raise RecipeError(self.file, "expected 'key: value' lines", line=self.line(()))
        return self.value


def scalar(text: str) -> str | int | float | bool | None:
    """The value of a plain YAML 1.2 scalar (core schema): `no` is a text, `false` is not."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text) and len(text) < 20:  # noqa: PLR2004 - longer ones are not numbers that anybody sets
        return int(text)
    if _FLOAT.match(text) and len(text) < 40:  # noqa: PLR2004
        return float(text)
    return text


def parse_yaml(text: str, file: str, *, first_line: int = 1) -> Document:
    """Read a YAML document: mappings, lists and scalars only; no tags, bounded size, depth and aliases.

    Args:
        text: the document.
        file: its name, for errors.
        first_line: the line of `file` on which `text` begins.

    Raises:
        RecipeError: with the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > _MAX_CHARACTERS:
        raise RecipeError(file, f"at most {_MAX_CHARACTERS:,} characters are read, this has {len(text):,}")
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark is not None else None
        raise RecipeError(file, f"not YAML: {error.problem or error.context}", line=line) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise RecipeError(file, f"not YAML: {error}") from None
    document = Document(file, None, {(): first_line})
    if root is not None:
        document.value = _Reader(document, first_line).read(root, ())
    return document


class _Reader:
    """Walks a composed YAML tree; counts what it visits, so that aliases can't blow up."""

    def __init__(self, document: Document, first_line: int) -> None:
        self._document = document
        self._first_line = first_line
        self._visited = 0
        self._around: list[Node] = []

    def read(self, node: Node, path: KeyPath) -> Any:  # noqa: ANN401 - a YAML value
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        self._visited += 1
        line = node.start_mark.line + self._first_line
        if self._visited > _MAX_NODES or len(path) > _MAX_DEPTH:
            raise RecipeError(self._document.file, "too large, too deep, or too many aliases", line=line)
        self._document.lines.setdefault(path, line)
        if str(node.tag).removeprefix("tag:yaml.org,2002:") not in _TAGS:
            raise RecipeError(self._document.file, f"tags are not read: {node.tag}", line=line)
        if isinstance(node, MappingNode | SequenceNode):
            if any(node is outer for outer in self._around):
                raise RecipeError(
                    self._document.file, "this contains itself, through an alias: nothing can go on for ever", line=line
                )
            self._around.append(node)
            found = self._mapping(node, path) if isinstance(node, MappingNode) else self._sequence(node, path)
            self._around.pop()
            return found
        return scalar(node.value) if getattr(node, "style", None) is None else node.value

    def _sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        return [self.read(item, (*path, number)) for number, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, line = key.value, key.start_mark.line + self._first_line
            if not isinstance(name, str):
                raise RecipeError(self._document.file, "a key must be a word", line=line)
            if name in found:
                raise RecipeError(self._document.file, f"{name!r} stands twice", line=line)
            self._document.lines[*path, name] = line
            found[name] = self.read(value, (*path, name))
        return found
