"""What a ledger teaches, put into the plan of a run that goes by it, so that a replay goes by the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import anyio

from contemplate.analysis.judge_consistency import learned_consistency
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.analysis.witness_knowledge import Lessons, lessons
from contemplate.errors import InputError
from contemplate.ledger.base import Ledger
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import AnswerKind
from contemplate.voting.witnesses import NOTHING, Knowledge

NEWEST = 500
"""How many of the newest runs teach about witnesses: more would keep a question waiting, and a few hundred are enough."""


_Class = tuple[AnswerKind, float]
"""Those who are taught together: whose questions have answers of one kind, by runs that began before one moment."""


@dataclass
class Teacher:
    """The ledger as a teacher.

    What it knows of witnesses is learned once for each kind of answer and then stands; whoever opens it next learns from what
    was added, too. An experiment learns from what was there when it began, however often it is gone on with. A question that the
    ledger knows teaches nothing about those who answer it again: their votes would be counted, and vouch for themselves besides.
    """

    ledger: Ledger
    _lessons: dict[_Class, Lessons] = field(default_factory=dict)
    _known: dict[tuple[_Class, str], Knowledge] = field(default_factory=dict)  # without which question; "" for none
    _learning: anyio.Lock = field(default_factory=anyio.Lock)

    async def instructed(self, spec: RunSpec) -> RunSpec:
        """The spec with what its strategy wants to be taught.

        Raises:
            InputError: votes are to weigh how far models agree, and the ledger can't say.
        """
        taught = spec.strategy.taught
        found: dict[str, object] = {}
        if "witnesses" in taught and spec.knowledge == NOTHING:
            found["knowledge"] = (await self._knowledge(spec)).of(spec.names)
        if "consistency" in taught and not spec.consistency:
            found["consistency"] = {judge.judge: judge.weight for judge in await learned_consistency(self.ledger)}
        if "agreement" in taught and not spec.reliability:
            found["reliability"] = await self._reliability(spec)
        return spec.model_copy(update=found) if found else spec

    async def _knowledge(self, spec: RunSpec) -> Knowledge:
        question, until = spec.question, math.inf if spec.learns_until is None else spec.learns_until
        class_ = question.kind, until
        async with self._learning:
            if class_ not in self._lessons:
                self._lessons[class_] = await lessons(self.ledger, kind=question.kind, limit=NEWEST, before=until)
            taught = self._lessons[class_]
            which = class_, question.text if taught.hold(question) else ""
            if which not in self._known:
                others = taught.without(question)
                self._known[which] = await anyio.to_thread.run_sync(lambda: others.knowledge)
            return self._known[which]

    async def _reliability(self, spec: RunSpec) -> dict[str, float]:
        estimate = await learned_reliability(self.ledger, without=spec.question)
        learned = {member.member: member.weight for member in estimate.members}
        unknown = [model for model in spec.models if model not in learned]
        if unknown:
            raise InputError(f"nothing was learned yet about {', '.join(unknown)}: this ledger has no answers of theirs")
        return learned
