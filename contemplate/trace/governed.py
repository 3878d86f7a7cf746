"""What is said of policies, and of answers on which much hangs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contemplate.text import one_line
from contemplate.types import Flip, Ruling, Scrutiny, Turn

_MOST = 12


def policy_lines(rulings: Sequence[Ruling]) -> Iterator[tuple[str, str]]:
    """What rules did, a line each; what several turns have alike stands once."""
    said = [one_line(str(ruling), 600) for ruling in rulings if ruling.effect != "allow"]
    distinct = {line: said.count(line) for line in said}
    for line, count in list(distinct.items())[:_MOST]:
        yield "policy", line + (f" ({count} times)" if count > 1 else "")
    if len(distinct) > _MOST:
        yield "policy", f"and {len(distinct) - _MOST} more"


def governed_words(turn: Turn, width: int) -> str | None:
    """What stands in a turn that holds rulings, or what became of an answer on which much hangs; None in any other."""
    scrutiny = turn.found.scrutiny
    if scrutiny is not None:
        return "the answer is given" if scrutiny.given else f"held back: {one_line('; '.join(scrutiny.uncertain), 3 * width)}"
    return "; ".join(one_line(str(one), 600) for one in turn.policy) if turn.verb == "policy" else None


def stakes_lines(scrutiny: Scrutiny | None, flips: Sequence[Flip]) -> Iterator[tuple[str, str]]:
    """What became of an answer on which much hangs: what is uncertain, who holds what, what would change it."""
    if scrutiny is None:
        return
    sound = sum(one.verdict == "sound" for one in scrutiny.verifications)
    others = sum(one.other_family for one in scrutiny.verifications)
    told = f"{sound} of {len(scrutiny.verifications)} verifications accept it, {others} of them by models of another family"
    yield "stakes", f"high: {told if scrutiny.verifications else 'there was nothing to verify'}"
    yield from (("", line) for line in scrutiny.notes)
    yield from (("uncertain", line) for line in scrutiny.uncertain)
    yield from (("who says", line) for line in scrutiny.disagree)
    for flip in flips[:_MOST]:
        answer = "no answer" if flip.answer is None else one_line(flip.answer, 80)
        yield "changed by", f"{flip.change}: {answer} (contemplate show {flip.run})"
    if scrutiny.uncertain and not flips:
        yield "changed by", "nothing that was tried: no seat, critique or verification turns the answer by itself"


def governed_lines(turns: Sequence[Turn], flips: Sequence[Flip]) -> tuple[str, ...]:
    """What rules did in a run, and what became of its answer where much hangs on it: a line each."""
    scrutiny = next((turn.found.scrutiny for turn in reversed(turns) if turn.found.scrutiny is not None), None)
    rulings = [ruling for turn in turns for ruling in turn.policy]
    said = (*policy_lines(rulings), *stakes_lines(scrutiny, flips))
    return tuple(f"{name}: {line}" if name else line for name, line in said)
