"""Patterns are matched by an automaton whose states are found as they are needed: the time grows with the text alone.

As RE2 does it: a set of states of a nondeterministic automaton is a state of a deterministic one, and is kept. Where even that
would take too long, it is said, and nobody waits. A match is the leftmost, and of these the longest, up to `WIDEST` characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from contemplate.errors import InvalidValueError, PolicyError
from contemplate.policy.syntax import At, Either, Letters, Node, Row, Times, is_word, read_pattern
from contemplate.text import one_line

MOST_STATES = 1_000
"""How large the automaton of a pattern may be: `{m,n}` counts as often as it says."""
MOST_WORK = 8_000_000
"""How much may be done in one search, in steps; two or three seconds at the very worst."""
WIDEST = 1_000
"""The longest match that is found whole, in characters, where matches are replaced."""
_KEPT = 2_000
"""So many states and moves of an automaton are kept."""
_MOVE = 1
_SETUP = 4

_END = ""


@dataclass(frozen=True)
class _State:
    """One state: it takes a letter, goes on without one, or only at a place; or it is the end of a match."""

    letters: Letters | None = None
    at: str = ""
    to: tuple[int, ...] = ()


@dataclass(eq=False)
class _Set:
    """A state of the deterministic automaton: what the next letter may be, given the letter before."""

    states: frozenset[int]
    before: str
    moves: dict[str, tuple[bool, _Set]] = field(default_factory=dict)


@dataclass
class _Work:
    """How much may still be done."""

    left: int
    pattern: str

    def done(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise PolicyError(f"the pattern {one_line(self.pattern, 60)!r} takes too long on this text")


class Pattern:
    """A pattern of the subset, ready to be searched for.

    Attributes:
        source: as it was written.
    """

    def __init__(self, source: str) -> None:
        """Read it.

        Raises:
            InvalidValueError: it is not in the subset, or too large; says what and where.
        """
        self.source = source
        tree = read_pattern(source)
        self._forward = _Automaton(tree)
        self._backward = _Automaton(_reversed(tree))

    @classmethod
    @lru_cache(maxsize=512)
    def of(cls, source: str) -> Self:
        """The same, read once."""
        return cls(source)

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere.

        Raises:
            PolicyError: that takes too long.
        """
        work = _Work(MOST_WORK, self.source)
        return next(self._forward.ends(text, work, anchored=False), None) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches, from left to right, not overlapping; matches of nothing are left out.

        Raises:
            PolicyError: that takes too long.
        """
        work = _Work(MOST_WORK, self.source)
        size = len(text)
        starts = sorted({size - end for end in self._backward.ends(text[::-1], work, anchored=False)})
        reached = 0
        for start in starts:
            if start < reached:
                continue
            before = text[start - 1] if start else _END
            within = text[start : start + WIDEST + 1]
            cut = start + WIDEST + 1 < size
            longest = max(self._forward.ends(within, work, anchored=True, before=before, cut=cut), default=0)
            if longest:
                reached = start + longest
                yield start, reached

    def replaced(self, text: str, by: str) -> str:
        """`text` with `by` in place of each match."""
        parts, reached = [], 0
        for begin, end in self.spans(text):
            parts += [text[reached:begin], by]
            reached = end
        return "".join([*parts, text[reached:]])


class _Automaton:
    def __init__(self, tree: Node) -> None:
        self._states: list[_State] = [_State()]  # the end of a match
        self._start = self._built(tree, 0)
        self._sets: dict[tuple[frozenset[int], str], _Set] = {}

    def ends(self, text: str, work: _Work, *, anchored: bool, before: str = _END, cut: bool = False) -> Iterator[int]:
        """Where a match that begins anywhere (or at the first letter: `anchored`) ends, from left to right.

        Args:
            text: what is looked through.
            work: how much may be done.
            anchored: matches begin at the first letter.
            before: the letter before the first one.
            cut: the text goes on behind its last letter, which is looked at only as what follows.
        """
        here = self._set(frozenset({self._start}), before, work)
        again = frozenset() if anchored else frozenset({self._start})
        for place, letter in enumerate(text):
            accepted, here = self._move(here, letter, again, work)
            if accepted:
                yield place
            if not here.states:
                return
        if not cut and self._closed(here.states, here.before, _END, work)[1]:
            yield len(text)

    def _move(self, here: _Set, letter: str, again: frozenset[int], work: _Work) -> tuple[bool, _Set]:
        key = letter if again else f"{letter}|"
        known = here.moves.get(key)
        if known is not None:
            work.done(_MOVE)
            return known
        takes, accepted = self._closed(here.states, here.before, letter, work)
        to = {target for state in takes if letter in (self._states[state].letters or ()) for target in self._states[state].to}
        found = accepted, self._set(frozenset(to) | again, letter, work)
        if len(here.moves) >= _KEPT:
            here.moves.clear()
        here.moves[key] = found
        return found

    def _set(self, states: frozenset[int], before: str, work: _Work) -> _Set:
        work.done(_SETUP + len(states))
        kind = _kind(before)
        if (states, kind) not in self._sets:
            if len(self._sets) >= _KEPT:
                self._sets.clear()
            self._sets[states, kind] = _Set(states, kind)
        return self._sets[states, kind]

    def _closed(self, states: frozenset[int], before: str, after: str, work: _Work) -> tuple[list[int], bool]:
        """The states that take a letter, reached between two letters; and whether a match ends here."""
        edge = (before == "w") != (after != _END and is_word(after))
        holds = {"begin": before == _END, "end": after == _END, "word": edge, "inside": not edge, "": True}
        seen, todo, takes = set(states), list(states), []
        while todo:
            number = todo.pop()
            state = self._states[number]
            if state.letters is not None:
                takes.append(number)
            elif holds[state.at]:
                todo += (fresh := [one for one in state.to if one not in seen])
                seen.update(fresh)
        work.done(len(seen))
        return takes, 0 in seen

    def _built(self, node: Node, then: int) -> int:
        """The state from which `node` is matched, and then `then`."""
        match node:
            case Letters():
                return self._add(_State(letters=node, to=(then,)))
            case At():
                return self._add(_State(at=node.what, to=(then,)))
            case Row():
                for part in reversed(node.parts):
                    then = self._built(part, then)
                return then
            case Either():
                return self._add(_State(to=tuple(self._built(part, then) for part in node.parts)))
            case Times():
                return self._repeated(node, then)

    def _repeated(self, node: Times, then: int) -> int:
        if node.most is None:
            loop = self._add(_State())
            self._states[loop] = _State(to=(self._built(node.part, loop), then))
            then = loop
        else:
            end = then
            for _ in range(node.most - node.least):
                then = self._add(_State(to=(self._built(node.part, then), end)))
        for _ in range(node.least):
            then = self._built(node.part, then)
        return then

    def _add(self, state: _State) -> int:
        if len(self._states) >= MOST_STATES:
            raise InvalidValueError("a pattern this large is not matched; let it repeat less")
        self._states.append(state)
        return len(self._states) - 1


def _kind(letter: str) -> str:
    """What matters of the letter before: none, of a word, or another."""
    return _END if letter == _END else "w" if is_word(letter) else "-"


def _reversed(node: Node) -> Node:
    """The tree that matches the same texts, read backwards."""
    match node:
        case Row():
            return Row(tuple(_reversed(part) for part in reversed(node.parts)))
        case Either():
            return Either(tuple(map(_reversed, node.parts)))
        case Times():
            return Times(_reversed(node.part), node.least, node.most)
        case At(what="begin"):
            return At("end")
        case At(what="end"):
            return At("begin")
        case _:
            return node
