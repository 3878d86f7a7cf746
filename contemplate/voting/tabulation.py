"""Tabulation of votes: ballots read in the form that a rule asks for, their answers sorted into classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contemplate.answers import classes
from contemplate.types import Answer, Ballot, Merge
from contemplate.voting.forms import Judged, as_written, check, class_vote, named
from contemplate.voting.rule import BallotForm, Vote
from contemplate.voting.succession import succession


@dataclass(frozen=True)
class Tabulation:
    """Ballots, and what each was counted for.

    Attributes:
        votes: one for each ballot, None where it abstains.
        options: the first answer of each class, in the order in which the classes were first named.
        answers: the canonical values of the answers of each class.
    """

    form: BallotForm
    ballots: tuple[Ballot, ...]
    votes: tuple[Vote | None, ...]
    options: tuple[Answer, ...]
    answers: tuple[frozenset[str], ...]
    merges: tuple[Merge, ...]

    @property
    def cast(self) -> tuple[Vote, ...]:
        """The votes, abstentions left out."""
        return tuple(vote for vote in self.votes if vote is not None)

    @property
    def silent(self) -> tuple[str, ...]:
        """The seats that abstained."""
        return _once(ballot.seat for ballot, vote in zip(self.ballots, self.votes, strict=True) if vote is None)

    def backers(self, option: int) -> tuple[str, ...]:
        """The seats that stand behind a class: they chose it, put it first, approve of it, or gave it their most points."""
        return _once(ballot.seat for ballot, vote in self._placed() if option in self._behind(vote))

    def dissenters(self, option: int) -> tuple[str, ...]:
        """The seats that stand behind others. A comparison of two others is none."""
        return _once(
            ballot.seat
            for ballot, vote in self._placed()
            if option not in self._behind(vote) and self._bears_on(vote, option) and self._asked(ballot, vote, option)
        )

    def size(self, option: int) -> int:
        """The number of ballots behind a class."""
        return sum(option in self._behind(vote) for vote in self.cast)

    def confidence(self, option: int, *, weighted: bool) -> Fraction:
        """The rule of succession: (votes behind the class + 1) / (ballots + 2), in (0, 1).

        Abstentions are among the ballots. A vote is behind what it chose, put first or approves of; points are behind each
        answer by its share of them; comparisons of two others are left out, and so are ballots on which it did not
        stand, and open answers that seats gave in words of their own. Weights are scaled so that their mean is 1.
        """
        everything: Fraction | int = 0
        behind: Fraction | int = 0
        ballots = 0
        for ballot, vote in zip(self.ballots, self.votes, strict=True):
            if vote is None or (self._bears_on(vote, option) and self._asked(ballot, vote, option)):
                weight = as_written(ballot.weight) if weighted else 1
                ballots += 1
                everything += weight
                behind += weight * self._support(vote, option)
        return succession(Fraction(behind * ballots) / everything if everything else 0, ballots)

    def _placed(self) -> list[tuple[Ballot, Vote]]:
        return [(ballot, vote) for ballot, vote in zip(self.ballots, self.votes, strict=True) if vote is not None]

    def _behind(self, vote: Vote) -> tuple[int, ...]:
        if self.form == "approval":
            return vote.named
        if self.form == "points":
            most = max(vote.points)
            return tuple(option for option, points in zip(vote.named, vote.points, strict=True) if points == most)
        return (vote.choice,)

    def _support(self, vote: Vote | None, option: int) -> Fraction | int:
        """The share of a vote that is behind a class, in [0, 1]."""
        if vote is None or option not in vote.named:
            return 0
        if self.form == "points":
            return vote.points[vote.named.index(option)] / sum(vote.points)
        return int(option in self._behind(vote))

    def _bears_on(self, vote: Vote, option: int) -> bool:
        if option in vote.absent:
            return False
        return self.form != "comparison" or len(vote.named) == 1 or option in vote.named

    def _asked(self, ballot: Ballot, vote: Vote | None, option: int) -> bool:
        """Whether who cast a ballot was asked about a class, or named it himself.

        An open answer is in words of its own: that a seat gave another is no word against this one.
        """
        own_words = ballot.answer is not None and ballot.answer.kind == "open" and not ballot.offered
        return not own_words or (vote is not None and option in vote.named)


def tabulate(ballots: Sequence[Ballot], form: BallotForm, judged: Judged = ()) -> Tabulation:
    """Read `ballots` in `form`, and sort what they name into classes.

    Raises:
        InputError: a weight or points that are no finite number.
    """
    for ballot in ballots:
        check(ballot)
    said = [named(ballot, form, judged) for ballot in ballots]
    while True:
        answers = [answer for names in said for answer, _ in names]
        indices, merges = classes(answers, judged)
        following = iter(indices)
        indexed = [[next(following) for _ in names] for names in said]
        void = [form == "comparison" and len(names) > 1 and len({*own}) == 1 for names, own in zip(said, indexed, strict=True)]
        if not any(void):
            break
        said = [() if nothing else names for names, nothing in zip(said, void, strict=True)]
    members: list[list[Answer]] = [[] for _ in range(max(indices, default=-1) + 1)]
    for index, answer in zip(indices, answers, strict=True):
        members[index].append(answer)
    return Tabulation(
        form=form,
        ballots=tuple(ballots),
        votes=tuple(
            class_vote(names, own, as_written(ballot.weight), _absent(ballot, members, judged)) if names else None
            for ballot, names, own in zip(ballots, said, indexed, strict=True)
        ),
        options=tuple(answers[0] for answers in members),
        answers=tuple(frozenset(answer.value for answer in answers) for answers in members),
        merges=tuple(merges),
    )


def _absent(ballot: Ballot, members: Sequence[Sequence[Answer]], judged: Judged) -> frozenset[int]:
    """The classes of which nothing stood on a ballot."""
    if not ballot.offered:
        return frozenset()
    known = {answer.value for answer in ballot.offered}
    same = known | {value for pair in judged if pair & known for value in pair}
    return frozenset(option for option, answers in enumerate(members) if not same & {answer.value for answer in answers})


def _once(seats: Iterable[str]) -> tuple[str, ...]:
    """Each seat once: one seat may compare several pairs."""
    return tuple(dict.fromkeys(seats))
