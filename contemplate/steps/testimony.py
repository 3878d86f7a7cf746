"""What the witnesses of a run said, as evidence: its positions as samples, and verdicts on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from contemplate.run import PendingTurn, Run
from contemplate.types import Ballot, Decision, Turn
from contemplate.voting import TieRule
from contemplate.voting.witnesses import Evidence, Verdicts, alternatives, believe, witness_name


@dataclass(frozen=True)
class Testimony:
    """What was said of a question so far.

    Attributes:
        groups: the positions with an answer, grouped by it; the numbers of the groups are those of the answers in `evidence`.
        evidence: the same by witness, with the verdicts.
    """

    groups: tuple[tuple[PendingTurn, ...], ...]
    evidence: Evidence

    def answer_of(self, position: PendingTurn) -> int | None:
        """The number of the answer that a position holds."""
        return self._numbers.get(position.id)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {position.id: number for number, group in enumerate(self.groups) for position in group}


async def testimony(run: Run, positions: Sequence[PendingTurn], verdicts: Mapping[str, Sequence[PendingTurn]]) -> Testimony:
    """Wait for what was laid out, and sort it.

    Args:
        run: the run.
        positions: the answers, failed ones too.
        verdicts: on them, by the id of the position that was judged.
    """
    groups = await run.groups(positions)
    samples: dict[str, list[int]] = {witness_name(model): [0] * len(groups) for model in run.models}
    accepts: dict[str, list[int]] = {}
    rejects: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for position in group:
            samples.setdefault(member_of(run, position.turn), [0] * len(groups))[number] += 1
            for verdict in verdicts.get(position.id, ()):
                turn = await verdict
                if turn.verdict in {"sound", "flawed"}:
                    name = witness_name(turn.model, turn.card)
                    yes, no = accepts.setdefault(name, [0] * len(groups)), rejects.setdefault(name, [0] * len(groups))
                    (yes if turn.verdict == "sound" else no)[number] += 1
    evidence = Evidence(
        answers=len(groups),
        samples={name: tuple(counts) for name, counts in samples.items()},
        verdicts={name: Verdicts(accepts=tuple(accepts[name]), rejects=tuple(rejects[name])) for name in accepts},
        alternatives=alternatives(run.question, len(groups)),
    )
    return Testimony(tuple(map(tuple, groups)), evidence)


async def believed(
    run: Run,
    positions: Sequence[PendingTurn],
    verdicts: Mapping[str, Sequence[PendingTurn]],
    *,
    ties: TieRule,
    floor: float,
    detail: str = "",
) -> Decision:
    """Decide for the likeliest answer (`contemplate.voting.witnesses.believe`), and put the decision on record.

    Args:
        run: seen from the step.
        positions: the votes.
        verdicts: on them, by the id of the position that was judged.
        ties: how a tie is broken.
        floor: how likely the winner must be.
        detail: tells apart several decisions of one step.
    """
    heard = await testimony(run, positions, verdicts)
    decision = believe(
        run.present([Ballot(seat=position.seat, turn=position.id, answer=position.turn.answer) for position in positions]),
        heard.evidence,
        run.knowledge,
        quorum=run.quorum,
        ties=ties,
        seed=run.seed,
        judged=run.found_equal,
        floor=floor,
    )
    counted = [*positions, *(verdict for each in verdicts.values() for verdict in each)]
    run.record_decision(decision, [turn.id for turn in counted], detail)
    return decision


def member_of(run: Run, turn: Turn) -> str:
    """The name of the member that a sample is of; one who writes programs is another one than who does not."""
    card = run.card(turn.card)
    return witness_name(turn.model, turn.card if card is not None and card.writes_programs else "")
