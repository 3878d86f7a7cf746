"""What a ledger teaches, put into the plan of a run that goes by it, so that a replay goes by the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

from contemplate.analysis.judge_consistency import learned_consistency
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.analysis.witness_knowledge import Lessons, lessons
from contemplate.errors import InputError
from contemplate.ledger.base import Ledger
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import AnswerKind, Question
from contemplate.voting.witnesses import NOTHING, Knowledge

NEWEST = 500
"""How many of the newest runs teach about witnesses: more would keep a question waiting, and a few hundred are enough."""


@dataclass
class Teacher:
    """The ledger as a teacher.

    What it knows of witnesses is learned once for each kind of answer and then stands, so that all runs of an experiment go by
    the same, though they fill the ledger; whoever opens it next learns from them, too. A question that the ledger knows teaches
    nothing about those who answer it again: their votes would be counted, and vouch for themselves besides.
    """

    ledger: Ledger
    _lessons: dict[AnswerKind, Lessons] = field(default_factory=dict)
    _known: dict[tuple[AnswerKind, str], Knowledge] = field(default_factory=dict)  # without which question; "" for none
    _learning: anyio.Lock = field(default_factory=anyio.Lock)

    async def instructed(self, spec: RunSpec) -> RunSpec:
        """The spec with what its strategy wants to be taught.

        Raises:
            InputError: votes are to weigh how far models agree, and the ledger can't say.
        """
        taught = spec.strategy.taught
        found: dict[str, object] = {}
        if "witnesses" in taught and spec.knowledge == NOTHING:
            found["knowledge"] = (await self._knowledge(spec.question)).of(spec.names)
        if "consistency" in taught and not spec.consistency:
            found["consistency"] = {judge.judge: judge.weight for judge in await learned_consistency(self.ledger)}
        if "agreement" in taught and not spec.reliability:
            found["reliability"] = await self._reliability(spec)
        return spec.model_copy(update=found) if found else spec

    async def _knowledge(self, question: Question) -> Knowledge:
        kind = question.kind
        async with self._learning:
            if kind not in self._lessons:
                self._lessons[kind] = await lessons(self.ledger, kind=kind, limit=NEWEST)
            all_of_kind = self._lessons[kind]
            which = kind, question.text if all_of_kind.hold(question) else ""
            if which not in self._known:
                others = all_of_kind.without(question)
                self._known[which] = await anyio.to_thread.run_sync(lambda: others.knowledge)
            return self._known[which]

    async def _reliability(self, spec: RunSpec) -> dict[str, float]:
        learned = {member.member: member.weight for member in (await learned_reliability(self.ledger)).members}
        unknown = [model for model in spec.models if model not in learned]
        if unknown:
            raise InputError(f"nothing was learned yet about {', '.join(unknown)}: this ledger has no answers of theirs")
        return learned
