"""What rules of policies did in a run, and what became of an answer on which much hangs, in words."""

from __future__ import annotations

from collections.abc import Iterator

from contemplate.text.visible import clipped
from contemplate.trace.governed import stakes_lines
from contemplate.types import Flip
from contemplate.viewer.model import Line, Part, Span
from contemplate.viewer.reading import Reading

_MOST = 40
"""How many rulings are told one by one."""


def governed(reading: Reading) -> tuple[Part, ...]:
    """The parts about policies and about high stakes; parts without lines where there is neither."""
    return (
        Part(title="What rules of policies did", lines=tuple(_rulings(reading))),
        Part(title="Much hangs on this answer", lines=tuple(_stakes(reading))),
    )


def _rulings(reading: Reading) -> Iterator[Line]:
    """Each rule that applied: where, what it did, and why."""
    found = [(turn, ruling) for turn in reading.turns for ruling in turn.policy]
    for turn, ruling in found[:_MOST]:
        whose = f"{ruling.policy} {ruling.version}" + ("" if ruling.profile == "default" else f", profile {ruling.profile}")
        unsure = "" if ruling.unsure is None else f" ({clipped(ruling.unsure, 200)}, so that it applies)"
        told = f"Rule {clipped(ruling.rule, 80)} of {clipped(whose, 160)}, at the stage {ruling.stage}: {ruling.effect}"
        yield (Span(text=f"{told}. {clipped(ruling.reason, 300)}{unsure} ("), reading.link(turn), Span(text=")"))
    if len(found) > _MOST:
        yield (Span(text=f"And {len(found) - _MOST} more."),)


def _stakes(reading: Reading) -> Iterator[Line]:
    """Whether the answer was given, what is uncertain, who says so, and what would change it."""
    turn = next((turn for turn in reversed(reading.turns) if turn.found.scrutiny is not None), None)
    if turn is None or (scrutiny := turn.found.scrutiny) is None:
        return
    given = "The answer is given" if scrutiny.given else "The panel abstained: the answer is held back"
    sure = f" (confidence {scrutiny.confidence:.2f}, asked for {scrutiny.floor:.2f}; "
    yield (Span(text=f"{given}{sure}"), reading.link(turn), Span(text=")."))
    flips = [Flip.model_validate(flip) for flip in (reading.run.outcome or {}).get("would_change", ())]
    for name, line in stakes_lines(scrutiny, flips):
        yield (Span(text=clipped(f"{name[:1].upper()}{name[1:]}: {line}" if name else line, 600)),)
