"""The versions of an open answer while it is written, checked and mended, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from contemplate.claims.code import LACKS_CODE, has_code
from contemplate.claims.composition import (
    NOT_CHECKED,
    Faults,
    Key,
    by_sentence,
    checkable,
    entailed,
    faults_of,
    item,
    key,
    most_certain_first,
    taken_up,
    with_flags,
)
from contemplate.claims.tracing import traced
from contemplate.types import Claim, Composition, Entailment, Sentence

_MOST_UNNAMED, _MOST_ADDED = 20, 5


@dataclass(frozen=True)
class Version:
    """An answer as it was written once.

    Attributes:
        turn: the id of the turn in which it was.
        sentences: without flags.
        notes: what was done to it that its readers should know.
        repaired: whether it was written after another one.
    """

    turn: str
    sentences: tuple[Sentence, ...]
    notes: tuple[str, ...] = ()
    repaired: bool = False


@dataclass
class Versions:
    """All versions of an answer, and what a checker said of their sentences.

    Attributes:
        claims: of the panel.
        seats: how many there are on it.
        code: whether the answer should hold code.
        written: the versions, oldest first.
        verdicts: what a checker said of a sentence, which holds for each version that has it.
        missing: the claims that a checker misses.
    """

    claims: Sequence[Claim]
    seats: int
    code: bool = False
    written: list[Version] = field(default_factory=list)
    verdicts: dict[Key, Entailment] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def add(self, turn: str, sentences: Sequence[Sentence]) -> Version:
        """Take a version in; sentences that name no claim are traced to some by their words, where that can be told."""
        self.written.append(Version(turn, traced(sentences, self.claims), repaired=bool(self.written)))
        return self.written[-1]

    def longer(self, version: Version, turn: str, sentences: Sequence[Sentence], *notes: str) -> Version:
        """A version with more sentences below its own, which nobody wrote there."""
        more = traced(sentences, self.claims)
        return replace(version, turn=turn, sentences=(*version.sentences, *more), notes=(*version.notes, *notes))

    def shorter(self, version: Version, turn: str, without: Sequence[Sentence], note: str) -> Version:
        """A version without some of its sentences."""
        kept = tuple(sentence for sentence in version.sentences if sentence not in without)
        return replace(version, turn=turn, sentences=kept, notes=(*version.notes, note))

    def hear(self, shown: Sequence[Sentence], found: Sequence[Entailment], missing: Sequence[str]) -> None:
        """Take in what a checker said of the sentences that it was `shown`."""
        self.verdicts.update(by_sentence(shown, found))
        self.missing.update(missing)

    def unchecked(self, version: Version) -> list[Sentence]:
        """The sentences that could be held against claims, and of which no checker spoke."""
        open_ = [one for one in checkable(version.sentences, self.claims) if key(one) not in self.verdicts]
        return list({key(one): one for one in open_}.values())

    def unnamed(self, version: Version) -> list[Claim]:
        """The claims that stand and no sentence names, the surest first, of which a checker may miss some."""
        named = taken_up(version.sentences, self.claims)
        return [claim for claim in most_certain_first(self.claims, "stands") if claim.id not in named][:_MOST_UNNAMED]

    def faults(self, version: Version) -> Faults:
        """What is wrong with a version, as far as that is known."""
        found = faults_of(version.sentences, self.claims, self.seats, self.missing)
        entailments = [entailed(self.verdicts.get(key(sentence))) for sentence in version.sentences]
        flags = [(*flags, *more) for flags, more in zip(found.flags, entailments, strict=True)]
        return Faults(tuple(flags), found.left_out, (LACKS_CODE,) if self.lacks_code(version) else ())

    def lacks_code(self, version: Version) -> bool:
        """Whether a version holds no code and should."""
        return self.code and not has_code(version.sentences)

    def left_out(self, version: Version) -> list[Sentence]:
        """The surest of the claims that a version leaves out and should not, as items of a list in their own words."""
        out = {*self.faults(version).left_out}
        claims = [claim for claim in most_certain_first(self.claims, "stands") if claim.id in out][:_MOST_ADDED]
        return [item(claim) for claim in claims]

    def vouch(self, items: Sequence[Sentence]) -> None:
        """Take it that sentences follow from their claims: they are these, word for word."""
        self.hear(items, [Entailment(sentence=number, follows=True) for number in range(1, len(items) + 1)], ())

    def best(self) -> Version:
        """The version with the fewest faults; of equals the last one."""
        return min(reversed(self.written), key=lambda version: self.faults(version).count)

    def composition(self, version: Version) -> Composition:
        """A version as it is handed on: each sentence with what is wrong with it, or that nobody checked it."""
        faults, unchecked = self.faults(version), {key(sentence) for sentence in self.unchecked(version)}
        flags = [
            (*flags, NOT_CHECKED) if key(sentence) in unchecked else flags
            for sentence, flags in zip(version.sentences, faults.flags, strict=True)
        ]
        return Composition(
            sentences=with_flags(version.sentences, flags),
            left_out=faults.left_out,
            flags=(*faults.whole, *version.notes),
            repaired=version.repaired,
        )
