r"""The patterns of policies: a bounded subset of regular expressions, read into a tree.

What there is: letters, `.`, classes (`[a-z]`, `[^0-9]`, `\d \w \s` and their opposites), groups, `|`, `* + ?`, `{m,n}`,
`^ $` (the ends of the whole text), `\b \B`, and `(?i)` in front. What can't be matched in time that grows with the text alone is
left out: back references, look-around, possessive and lazy forms.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contemplate.errors import InvalidValueError

LONGEST = 1_000
"""The longest pattern, in characters."""
_MOST_TIMES = 200
"""The most that `{m,n}` may ask for."""
_DEEPEST = 40

_CLASSES = frozenset("dws")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_AT = {"b": "word", "B": "inside"}
_SIGNS_OF_REPETITION: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_SIGNS = frozenset(r"\.+*?()[]{}|^$-/ '\"#&~@!%:;,<>=_`")


def is_word(character: str) -> bool:
    """Whether a character is part of a word: a letter of any script, a digit, an underscore."""
    return character.isalnum() or character == "_"


@dataclass(frozen=True)
class Letters:
    """Which characters stand at one place.

    Attributes:
        ranges: pairs of first and last.
        words: "d", "w" or "s" (or in capitals: the opposite), where such a class is among them.
        negated: all but these.
        folded: in either case.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    words: str = ""
    negated: bool = False
    folded: bool = False

    def __contains__(self, character: str) -> bool:
        forms = {character, character.lower(), character.upper()} if self.folded else {character}
        found = any(first <= one <= last for one in forms for first, last in self.ranges)
        return (found or any(_in_class(character, word) for word in self.words)) != self.negated


def _in_class(character: str, word: str) -> bool:
    match word.lower():
        case "d":
            found = character.isdecimal()
        case "w":
            found = is_word(character)
        case _:
            found = character.isspace()
    return found == word.islower()


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """One of several."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Times:
    """So often: from `least` to `most`; None: without bound."""

    part: Node
    least: int
    most: int | None


@dataclass(frozen=True)
class At:
    """A place that takes up no room: "begin", "end", "word" (an edge of a word) or "inside" (no such edge)."""

    what: str


Node = Letters | Row | Either | Times | At


def read_pattern(pattern: str) -> Node:
    """The tree of a pattern.

    Raises:
        InvalidValueError: it is too long, or holds what is not in the subset; says what and where.
    """
    if len(pattern) > LONGEST:
        raise InvalidValueError(f"a pattern has at most {LONGEST:,} characters, this one {len(pattern):,}")
    folded = pattern.startswith("(?i)")
    reader = _Reader(pattern, 4 if folded else 0, folded)
    tree = reader.either(0)
    if reader.place < len(pattern):
        raise reader.wrong("a ')' that closes nothing")
    return tree


@dataclass
class _Reader:
    pattern: str
    place: int
    folded: bool
    _end: int = field(init=False)

    def __post_init__(self) -> None:
        self._end = len(self.pattern)

    def wrong(self, why: str) -> InvalidValueError:
        return InvalidValueError(f"a pattern of the subset, character {self.place + 1}: {why}")

    @property
    def _next(self) -> str:
        return self.pattern[self.place] if self.place < self._end else ""

    def _take(self) -> str:
        if self.place >= self._end:
            raise self.wrong("it ends too early")
        self.place += 1
        return self.pattern[self.place - 1]

    def either(self, depth: int) -> Node:
        """Alternatives."""
        if depth > _DEEPEST:
            raise self.wrong("groups within groups too deep")
        parts = [self._row(depth)]
        while self._next == "|":
            self._take()
            parts.append(self._row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._next and self._next not in "|)":
            parts.append(self._times(self._one(depth)))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _times(self, part: Node) -> Node:
        bounds = _SIGNS_OF_REPETITION.get(self._next)
        if bounds is not None:
            self._take()
        elif self._next == "{":
            bounds = self._bounds()
        if bounds is None:
            return part
        if isinstance(part, At):
            raise self.wrong("a place can't be repeated")
        if self._next and self._next in "*+?{":
            raise self.wrong("one sign of repetition at a time: lazy and possessive forms are not in the subset")
        return Times(part, *bounds)

    def _bounds(self) -> tuple[int, int | None]:
        self._take()
        closing = self.pattern.find("}", self.place)
        least, comma, most = self.pattern[self.place : max(closing, self.place)].partition(",")
        if closing < 0 or not least.isascii() or not least.isdigit() or not (most.isascii() and (most.isdigit() or not most)):
            raise self.wrong("write {3}, {2,5} or {2,}; a brace itself is \\{")
        self.place = closing + 1
        low = int(least[:9])
        high = low if not comma else int(most[:9]) if most else None
        if max(low, high or 0) > _MOST_TIMES or (high is not None and high < low):
            raise self.wrong(f"repetitions are from 0 to {_MOST_TIMES}, the smaller number first")
        return low, high

    def _one(self, depth: int) -> Node:
        match character := self._take():
            case "(":
                return self._group(depth)
            case "[":
                return self._class()
            case ".":
                return Letters((("\n", "\n"),), negated=True)
            case "^" | "$":
                return At("begin" if character == "^" else "end")
            case "\\":
                return self._escaped()
            case "*" | "+" | "?" | "{":
                self.place -= 1
                raise self.wrong(f"there is nothing to repeat; the sign itself is \\{character}")
            case _:
                return Letters(((character, character),), folded=self.folded)

    def _group(self, depth: int) -> Node:
        if self._next == "?":
            if self.pattern[self.place : self.place + 2] != "?:":
                raise self.wrong("of groups there are (...) and (?:...); look-around and names are not in the subset")
            self.place += 2
        inside = self.either(depth + 1)
        if self._next != ")":
            raise self.wrong("a '(' that is not closed")
        self._take()
        return inside

    def _escaped(self) -> Node:
        character = self._take()
        if character in _AT:
            return At(_AT[character])
        if character.lower() in _CLASSES:
            return Letters(words=character)
        one = self._sign(character)
        return Letters(((one, one),), folded=self.folded)

    def _sign(self, character: str) -> str:
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character not in _SIGNS:
            self.place -= 1
            raise self.wrong(f"\\{character} is not in the subset" + (" (back references)" if character.isdigit() else ""))
        return character

    def _class(self) -> Letters:
        negated = self._next == "^"
        self.place += negated
        ranges: list[tuple[str, str]] = []
        words = ""
        first = True
        while (character := self._take()) != "]" or first:
            first = False
            if character == "\\" and self._next.lower() in _CLASSES:
                words += self._take()
                continue
            low = self._sign(self._take()) if character == "\\" else character
            high = low
            if self._next == "-" and self.pattern[self.place + 1 : self.place + 2] not in ("]", ""):
                self._take()
                high = self._take()
                high = self._sign(self._take()) if high == "\\" else high
            if high < low:
                raise self.wrong(f"{low}-{high} is no range")
            ranges.append((low, high))
        return Letters(tuple(ranges), words, negated, self.folded)
