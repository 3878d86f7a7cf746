"""Three real runs to look at on a page: a debate that turns, a panel with a failed agent, an open question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

from contemplate import Completion, Orchestrator, Price, Question, Request, ScriptedBackend, Settings
from contemplate.errors import RejectedError
from contemplate.models.backends.scripted import estimated_tokens
from contemplate.models.retry import Retry
from contemplate.orchestration.options import RunOptions
from contemplate.viewer import PageModel, StoredRun, page, page_model
from stage import Lines, Stage

MODEL = "example/mini"
PRICE = Price(prompt=0.4, completion=1.6)
ONCE = Settings(retry=Retry(attempts=1), prices={MODEL: PRICE})

BALL = Question(
    text="A bat and a ball cost $1.10 together. The bat costs $1.00 more than the ball. How many cents does the ball cost?",
    kind="number",
    gold="5",
)
TRAINS = Question(
    text="Two trains, 180 km apart, go towards each other at 40 and at 50 km/h. After how many hours do they meet?",
    kind="number",
)
DATABASE = Question(text="Should a small startup keep its data in PostgreSQL or in MongoDB? Explain.", kind="open")

QUICK = "$1.10 less $1.00 leaves $0.10, so the ball costs ten cents.\n\nAnswer: 10"
EQUATION = "Let the ball cost b. Then the bat costs b + 1.00, and b + b + 1.00 = 1.10.\nSo 2b = 0.10 and b = 0.05.\n\nAnswer: 5"
CHECKED = (
    "Try the ball at 10: the bat is 110, together 120, which is too much.\nThe equation 2b + 100 = 110 gives b = 5.\n\nAnswer: 5"
)
STUBBORN = "I subtract again: 110 - 100 = 10. I keep to it.\n\nAnswer: 10"

MEETING = "They close in at 40 + 50 = 90 km/h. 180 / 90 = 2.\n\nAnswer: 2"
SLOWER = "The mean speed is 45 km/h, and 180 / 45 = 4.\n\nAnswer: 4"

SAFE, FREE, FAST, HARD = (
    "PostgreSQL keeps data consistent through transactions.",
    "PostgreSQL costs no licence fee.",
    "MongoDB is always faster at writing than PostgreSQL.",
    "Experts on MongoDB are easier to hire than experts on PostgreSQL.",
)
OPINIONS: tuple[Mapping[str, str], ...] = (
    {FAST: "disagree: it depends on the load", HARD: "disagree: more people know SQL"},
    {FAST: "disagree: benchmarks differ", HARD: "unsure"},
    {HARD: "disagree: job boards say the contrary"},
    {FAST: "disagree: not with JSONB columns"},
)


def _claims(*claims: str) -> str:
    listed = "\n".join(f"{number}. {claim}" for number, claim in enumerate(claims, 1))
    return f"Take PostgreSQL unless your data have no shape at all.\n\nClaims:\n{listed}"


def _weighed(request: Request) -> str:
    thinks = OPINIONS[request.draw % len(OPINIONS)]
    shown = re.findall(r"^\d+\. (.+)$", request.messages[-1].text, re.MULTILINE)
    return "\n".join(f"{number}. {thinks.get(claim, 'agree')}" for number, claim in enumerate(shown, 1))


def _entailed(request: Request) -> str:
    return "\n".join(f"{number}: yes" for number in re.findall(r"^(\d+)\. ", request.messages[-1].text, re.MULTILINE))


def _audit(request: Request) -> str:
    wrong = "mean speed" in request.messages[-1].text
    verdict = "flawed" if wrong else "sound"
    return f"Summary: {'uses the mean speed' if wrong else 'adds the speeds'}\n\nVerdict: {verdict}"


def _verified(request: Request) -> str:
    return "180 / 90 = 2 holds.\n\nVerdict: accept" if "\n2\n---" in request.messages[-1].text else "Verdict: reject"


CASTS: dict[str, tuple[str, Question, dict[str, object], Mapping[str, Lines]]] = {
    "debate": (
        "multiagent-debate",
        BALL,
        {"seats": 5, "rounds": 3},
        {
            "proposer": [QUICK, QUICK, EQUATION, STUBBORN, EQUATION],
            "reviser": [CHECKED, STUBBORN, EQUATION, STUBBORN, EQUATION, CHECKED, CHECKED, EQUATION, STUBBORN, EQUATION],
        },
    ),
    "failed": (
        "contemplating-2026-11",
        TRAINS,
        {"seats": 4, "sampling": "full"},
        {
            "proposer": [MEETING, SLOWER, RejectedError("example/mini: 403, the key may not use this model"), MEETING],
            "critic": _audit,
            "reviser": [MEETING],
            "verifier": _verified,
            "judge": ["Choice: A"],
        },
    ),
    "open": (
        "contemplating-open",
        DATABASE,
        {},
        {
            "adviser": [_claims(SAFE, FREE), _claims(SAFE), _claims(FAST, SAFE), _claims(HARD, FREE)],
            "claim-judge": _weighed,
            "claim-matcher": ["All are different."],
            "claim-splitter": ["1. MongoDB is a document database."],
            "claim-critic": ["Verdict: unclear"],
            "composer": [
                "Take PostgreSQL: it keeps your data consistent. [1] It costs no licence fee. [2] Whom you can hire is disputed."
            ],
            "entailment-checker": _entailed,
            "composition-mender": ["Take PostgreSQL: it keeps your data consistent. [1] It costs no licence fee. [2]"],
        },
    ),
}


def answers(lines: Mapping[str, Lines], roles: Callable[[Request], str], pace: float) -> ScriptedBackend:
    """A backend that says what a cast says; later seats take longer, up to so many seconds."""

    async def say(request: Request) -> Completion | Exception:
        said = lines[roles(request)]
        text = said(request) if callable(said) else said[request.draw % len(said)]
        await anyio.sleep(pace * (1 + (3 * request.draw + len(str(text))) % 7) / 7)
        if isinstance(text, Exception | Completion):
            return text
        return Completion(text=text, tokens=estimated_tokens(request, text), model=request.model)

    return ScriptedBackend(say)


async def kept(name: str, ledger: Path, *, pace: float = 0.0, roles: Callable[[Request], str] | None = None) -> str:
    """Do one of the three runs, kept in a ledger; its id."""
    strategy, question, parameters, lines = CASTS[name]
    backend = answers(lines, roles or Stage().role_of, pace)
    async with Orchestrator([MODEL], backend=backend, ledger=ledger, settings=ONCE) as orchestrator:
        options = RunOptions(parameters=parameters)
        outcome = await orchestrator.runner.execute(orchestrator.specify(question, strategy, options))
        return outcome.run


TURNED = "2.revise/2/seat-4"
"""The turn of the debate that its fork has otherwise: the seat that never gave in gives in."""


async def forked(run: str, ledger: Path) -> str:
    """A fork of the debate in which one turn says something else; its id."""
    lines = CASTS["debate"][3]
    async with Orchestrator([MODEL], backend=answers(lines, Stage().role_of, 0), ledger=ledger, settings=ONCE) as orchestrator:
        return (await orchestrator.fork(run, edits={TURNED: EQUATION})).run


@dataclass(frozen=True)
class Viewed:
    """The runs of `CASTS`, by name, and a fork of the debate as "fork"."""

    folder: Path
    runs: dict[str, StoredRun]

    def model(self, name: str) -> PageModel:
        """The values of a run's page."""
        return page_model(self.runs[name])

    def file(self, name: str) -> Path:
        """The page of a run, written."""
        path = self.folder / f"{name}.html"
        if not path.exists():
            path.write_text(page(self.model(name)), encoding="utf-8")
        return path
