"""`compute`: seats answer the question by programs, which are run here."""

from __future__ import annotations

from typing import Literal

from contemplate.steps.base import Cards
from contemplate.steps.propose import Propose


class Compute(Propose):
    """Seats write programs, and what these print is their answers; all else is as in `propose`.

    Where cards that write programs and cards that do not take the seats in turn, programs and chains of thought sit on one panel.

    References:
        arXiv:2211.12588: programs of thoughts. arXiv:2211.10435: program-aided language models.
    """

    do: Literal["compute"] = "compute"  # type: ignore[assignment]
    agent: Cards = "programmer"
