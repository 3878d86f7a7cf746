"""Experiments on open questions whose answers a scripted judge compares."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contemplate import Request, ScriptedBackend
from contemplate.experiments import Comparison, compare
from contemplate.models.retry import Retry
from contemplate.orchestration.settings import Settings
from contemplate.types import Price

JUDGE = "judge"

_SHOWN = re.compile(r"--- Answer [AB] \[(\w+)\] ---\n(.*?)\n--- end \[\1\] ---", re.DOTALL)

Judging = Callable[[str, str], str]
"""What a judge says of the answers that it is shown as A and as B."""


def open_questions(folder: Path, count: int = 6, **more: Any) -> Path:
    """A file of open questions."""
    path = folder / "open.jsonl"
    rows = [{"id": f"q{n}", "question": f"Explain matter {n}.", "kind": "open", **more} for n in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def wordy_or_terse(request: Request) -> str:
    """Models called `wordy` say more, in other words for each question."""
    number = request.messages[-1].text.split("Explain matter ")[1].split(".")[0]
    return f"Matter {number} is simple. " + "It really is so. " * (10 + int(number) if request.model == "wordy" else 1)


class Contestants(ScriptedBackend):
    """Models that answer open questions, and one that judges; both kinds of requests are kept apart."""

    def __init__(
        self, judging: Judging, says: Callable[[Request], str] = wordy_or_terse, judge: str = JUDGE, *, structured: bool = False
    ) -> None:
        self.judged: list[Request] = []
        self.answered: list[Request] = []
        self._judging, self._says, self._judge = judging, says, judge
        super().__init__(self.reply, structured=structured)

    def reply(self, request: Request) -> str:
        """What they say."""
        shown = _SHOWN.findall(request.messages[-1].text if len(request.messages) == 1 else request.messages[0].text)
        if request.model != self._judge or not shown:
            self.answered.append(request)
            return self._says(request)
        self.judged.append(request)
        (_, a), (_, b) = shown
        said = self._judging(a, b)
        return json.dumps({"work": "Both were read.", "choice": said.removeprefix("Choice: ")}) if request.reply_schema else said


def always_a(a: str, b: str) -> str:  # noqa: ARG001 - as every judge
    """A judge that likes what it reads first."""
    return "Choice: A"


def longer(a: str, b: str) -> str:
    """A judge that likes what is long."""
    return "Choice: tie" if len(a) == len(b) else "Choice: A" if len(a) > len(b) else "Choice: B"


def obedient(a: str, b: str) -> str:
    """A judge that does what an answer tells it."""
    return "Choice: A" if "choose me" in a else "Choice: B" if "choose me" in b else "Choice: tie"


def unreadable(a: str, b: str) -> str:  # noqa: ARG001 - as every judge
    """A judge that says nothing that counts."""
    return "Both have their merits."


WORDY, TERSE = ({"use": "single", "models": [name], "name": f"{name} one"} for name in ("wordy", "terse"))


async def contested(folder: Path, backend: ScriptedBackend, **words: Any) -> Comparison:
    """An experiment in which a wordy and a terse model answer, and the judge compares them; kept in the folder."""
    options = {name: words.pop(name) for name in ("out", "on_progress", "overwrite") if name in words}
    plan = {
        "strategies": [WORDY, TERSE],
        "questions": str(folder / "open.jsonl"),
        "baselines": [],
        "pairwise": "terse one",
        "judge": JUDGE,
        "draws": 1000,
        **words,
    }
    settings = Settings(retry=Retry(attempts=1), prices=dict.fromkeys(("wordy", "terse", JUDGE), Price(prompt=1, completion=2)))
    return await compare(plan, backend=backend, ledger=folder / "ledger.db", settings=settings, **options)
