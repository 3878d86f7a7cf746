"""`compose`: one outsider writes the answer from the claims that stand, another holds each sentence against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate import answers
from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.claims import composition as claimed
from contemplate.claims import showing
from contemplate.claims.code import surest_code, wants_code
from contemplate.claims.versions import Version, Versions
from contemplate.claims.written import without
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.types import Answer, Composition, Decision, EdgeKind, Found, Message, Sentence
from contemplate.voting.decision import composed, stands, undecided

_UNWRITTEN = "nobody wrote an answer of the claims, so they are listed"
_ADDED = "the list at its end are claims that stand and that whoever wrote it left out"


class Compose(Step):
    """A composer writes the answer from the claims that stand, each sentence with the numbers of those that it rests on.

    What can be told without a call is checked, then a checker says of each sentence whether it follows from its claims. Where
    something is wrong, the composer writes once more, and that is checked again; of two versions the one with fewer faults
    counts, and what is wrong with it stands beside it as flags. Two calls, and two more for each repair, at most. Of the claims
    that it leaves out and that matter, the five surest are put below it; so is the code of the seat whose claims are the surest,
    where most of the seats' replies hold code and it has none.

    The composer sees the claims as they are worded, the surest first, and neither who holds them nor how sure they are: a small
    model copies whatever stands beside a claim into its answer. Where no claim stands, the answer is what is disputed, with
    both sides, and nobody is asked; where all fell there is none. Where the composer writes nothing that can be read, or no call
    is left for it, the claims that stand are listed. Where there are no claims, the seats' own vote stands.

    Attributes:
        agent: the composer's card.
        checker: the checker's; it has another model than the composer where there are several.
        mender: the card under which the composer writes once more.
        repairs: how often it may.
        drafts: what is shown of the seats' own replies beside the claims: their blocks of "code", which no claim can hold;
            "none" of them; or "all".
    """

    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["compose"] = "compose"
    agent: str = "composer"
    checker: str = "entailment-checker"
    mender: str = "composition-mender"
    repairs: Annotated[int, Field(ge=0, le=3)] = 1
    drafts: Literal["code", "none", "all"] = "code"

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the composer and the checker, and of the composer who mends."""
        return (self.agent, self.checker, self.mender)

    @property
    def needs(self) -> Mapping[str, Product]:
        """Claims."""
        return {"do": "claims"}

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Write, check, mend, and decide."""
        for position in panel.positions:
            await position
        if not panel.claims:
            vote = await run.vote(panel.positions, Counting(), "vote")
            return replace(panel, decision=stands(vote, "no claims were made out, so the seats' own vote stands"))
        if claimed.any_that(panel.claims, "stands"):
            return await _Composing(self, run, panel).compose()
        if claimed.any_that(panel.claims, "disputed"):
            return await _list(run, panel, "no claim stands, and the panel disagrees about all of this")
        return await _list(run, panel, "every claim of the panel fell")


class _Composing:
    """The step at work on claims that stand."""

    def __init__(self, step: Compose, run: Run, panel: Panel) -> None:
        self._step, self._run, self._panel = step, run, panel
        self._replies = {position.seat: position.turn.text or "" for position in panel.positions}
        code = run.question.kind == "open" and wants_code([*self._replies.values()])
        self._versions = Versions(panel.claims, len(panel.positions), code)
        self._written: dict[str, Answer] = {}

    async def compose(self) -> Panel:
        """The panel with the answer on it."""
        if not self._may_ask():
            return await _list(self._run, self._panel, f"{_UNWRITTEN}: no call was left")
        turn = self._write()
        version = await self._version(turn)
        if version is None:
            failure = turn.turn.failure
            return await _list(self._run, self._panel, f"{_UNWRITTEN}{f': {failure.message}' if failure else ''}")
        for number in range(1, self._step.repairs + 2):
            await self._check(turn, version, number)
            if number > self._step.repairs or not self._versions.faults(version).any or not self._may_ask():
                break
            turn = self._mend(turn, version, number)
            mended = await self._version(turn)
            if mended is None:
                break
            version = mended
        best = self._completed(self._versions.best())
        decision, composition = self._decide(best, "decision")
        return replace(self._panel, decision=decision, composition=composition)

    def _may_ask(self) -> bool:
        return not self._run.spent() and self._run.affords(1)

    async def _version(self, pending: PendingTurn) -> Version | None:
        """What was written in a turn; None if that can't be read."""
        turn = await pending
        if turn.answer is None or turn.found.composition is None:
            return None
        self._written[turn.id] = turn.answer
        return self._versions.add(turn.id, turn.found.composition.sentences)

    def _write(self) -> PendingTurn:
        run, panel = self._run, self._panel
        agent = run.outsider(self._step.agent)

        def prompt(told: str) -> tuple[Message, ...]:
            drafts = showing.drafts(self._replies.values(), self._step.drafts, run.rng("drafts"))
            return prompts.ask(agent.card, run.posed, told, _quoted(run, agent, [*showing.claims(panel.claims), *drafts]))

        sees: list[tuple[PendingTurn, EdgeKind]] = [(position, "saw") for position in panel.positions]
        return run.say(agent, sees=sees, prompt=prompt, form=reply_formats.composition(run.question))

    async def _check(self, written: PendingTurn, version: Version, number: int) -> None:
        """Have a checker say of each sentence that nobody spoke of yet whether it follows from its claims."""
        run, shown = self._run, self._versions.unchecked(version)
        if not shown or not self._may_ask():
            return
        self._decide(version, f"draft-{number}")  # stands if the time is up before it is checked
        agent = run.outsider(self._step.checker, 2)
        left_out = self._versions.unnamed(version)
        quotes = showing.sentences(shown, self._panel.claims, left_out)
        check = run.say(
            agent,
            sees=[(written, "saw")],
            prompt=lambda told: prompts.ask(agent.card, run.posed, told, _quoted(run, agent, quotes)),
            form=reply_formats.entailment(len(shown), [claim.id for claim in left_out]),
            detail=f"check-{number}",
        )
        found = (await check).found
        self._versions.hear(shown, found.entailments or (), found.missing or ())

    def _mend(self, written: PendingTurn, version: Version, number: int) -> PendingTurn:
        run, agent = self._run, self._run.outsider(self._step.mender)
        quotes = [showing.faults(version.sentences, self._versions.faults(version), self._panel.claims)]

        def prompt(told: str) -> tuple[Message, ...]:
            asked, said = run.asked(written.turn), written.turn.text or ""
            return prompts.follow_up(asked, said, agent.card, told, _quoted(run, agent, quotes))

        return run.say(
            agent,
            sees=[(written, "saw")],
            prompt=prompt,
            form=reply_formats.composition(run.question),
            detail=f"repair-{number}",
        )

    def _completed(self, version: Version) -> Version:
        """The version with what its composer left out below it: claims in their own words, and the code of a seat."""
        if self._run.question.kind != "open":
            return version
        version = self._without_talk(version)
        if claims := self._versions.left_out(version):
            self._versions.vouch(claims)
            version = self._longer(version, "completed", claims, _ADDED)
        if self._versions.lacks_code(version):
            seat, code = surest_code(self._replies, self._panel.claims)
            block = Sentence(text=code, flags=(f"as {seat} proposed it: not checked",))
            version = self._longer(version, "with-code", [block])
        return version

    def _without_talk(self, version: Version) -> Version:
        """The version without sentences that speak of the claims themselves, put on record as a turn that nobody spoke."""
        dropped = claimed.talk(version.sentences, self._panel.claims, self._run.question.text)
        if not dropped or len(dropped) == len(version.sentences):
            return version
        written = self._written[version.turn]
        text = without(written.text, version.sentences, dropped)
        put = self._put(written, text, "without-talk")
        note = f"{len(dropped)} sentence{'s' * (len(dropped) != 1)} left out that spoke of the claims and rested on none"
        return self._versions.shorter(version, put, dropped, note)

    def _put(self, written: Answer, text: str, detail: str) -> str:
        """Put an answer that nobody wrote as it is on record: the id of its turn."""
        answer = (answers.read(text, self._run.question) or written).model_copy(update={"text": text})
        put = self._run.put_forward(answer, detail)
        self._written[put.id] = answer
        return put.id

    def _longer(self, version: Version, detail: str, sentences: Sequence[Sentence], *notes: str) -> Version:
        """A version with more below it, put on record as a turn that nobody spoke."""
        written = self._written[version.turn]
        below = "\n".join(sentence.text for sentence in sentences)
        put = self._put(written, f"{written.text}\n\n{below}", detail)
        return self._versions.longer(version, put, sentences, *notes)

    def _decide(self, version: Version, detail: str) -> tuple[Decision, Composition]:
        """Put the decision for a version on record."""
        composition = self._versions.composition(version)
        decision = _decision(self._run, self._panel, self._written[version.turn], composition)
        self._run.record_decision(decision, [version.turn], detail, Found(composition=composition))
        return decision, composition


def _quoted(run: Run, agent: Agent, quotes: Sequence[tuple[str, str]]) -> str:
    return run.quote([prompts.Quote(title, text) for title, text in quotes], agent.seat, rounds=False)


async def _list(run: Run, panel: Panel, why: str) -> Panel:
    """The panel with an answer that nobody wrote; without one where no claim is left.

    Where the question wants another kind of answer than that can be read as, the seats' own vote stands.
    """
    listed = claimed.listed(panel.claims, why)
    if listed is None:
        decision = undecided("composition", (), abstentions=[p.seat for p in panel.positions], quorum=run.quorum, reason=why)
        run.record_decision(decision, [], "decision")
        return replace(panel, decision=decision)
    text, composition = listed
    answer = answers.read(text, run.question)
    if answer is None:
        vote = await run.vote(panel.positions, Counting(), "vote")
        return replace(panel, decision=stands(vote, f"{why}, and the seats' own vote stands"))
    put = run.put_forward(answer.model_copy(update={"text": text}) if answer.kind == "open" else answer, "listed")
    decision = _decision(run, panel, put.turn.answer or answer, composition, why)
    run.record_decision(decision, [put.id], "decision", Found(composition=composition))
    return replace(panel, decision=decision, composition=composition)


def _decision(run: Run, panel: Panel, answer: Answer, composition: Composition, why: str | None = None) -> Decision:
    agree, against = claimed.sides_of(composition.sentences, panel.claims)
    return composed(
        answer,
        agree,
        against,
        seats=[position.seat for position in panel.positions],
        confidence=claimed.confidence_in(composition.sentences, panel.claims),
        quorum=run.quorum,
        reason=why,
    )
