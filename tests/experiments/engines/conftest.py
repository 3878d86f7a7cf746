"""Sums, and agents that are right with some chance."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from comparisons import questions
from loopback import Loopback, Seen
from on_ray import asked


@pytest.fixture
def sums(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a file of so many sums."""
    return partial(questions, tmp_path)


@pytest.fixture
def agents(loopback: Loopback) -> Loopback:
    """Agents that are right with some chance, drawn from what they are asked."""

    def answer(seen: Seen) -> str:
        number = int(re.findall(r"What is (\d+)", json.dumps(seen.body))[-1])
        draw = random.Random(asked(seen))
        good = draw.random() < 0.6
        return f"Verdict: {'sound' if good else 'flawed'}\nAnswer: {2 * number if good else 2 * number + draw.randrange(1, 4)}"

    loopback.script = answer
    return loopback
