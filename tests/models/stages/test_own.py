"""Stages of the user's own: what they see, and what a refusal costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contemplate import Caller, InputError, Orchestrator, PolicyError, Reply, Request, ScriptedBackend, Stage
from contemplate.errors import RejectedError

if TYPE_CHECKING:
    from loopback import Loopback

PANEL = "self-consistency"
FIVE = {"seats": 5}


class Watching(Stage):
    """Keeps what it sees, and refuses with the errors that it is given."""

    def __init__(self, *, before: dict[str, Exception] | None = None, after: Exception | None = None) -> None:
        """Take the errors: before, by model; after, for all replies."""
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.turns: set[tuple[str, str]] = set()
        self._before, self._after = before or {}, after

    async def before(self, request: Request, caller: Caller) -> None:
        """See a request."""
        self.requests.append(request)
        self.turns.add((caller.run, caller.turn))
        if (error := self._before.get(request.model)) is not None:
            raise error

    async def after(self, reply: Reply, caller: Caller) -> None:
        """See a reply."""
        self.replies.append(reply)
        self.turns.add((caller.run, caller.turn))
        if self._after is not None:
            raise self._after


async def test_it_sees_what_is_sent_and_what_came(tmp_path: Path) -> None:
    """Each request before it is sent, each reply once it is stored; and who asks."""
    backend, watching = ScriptedBackend(lambda request: f"Answer: {request.draw % 2}"), Watching()
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[watching]) as orchestrator:
        outcome = await orchestrator.solve("1?", PANEL, answer="number", parameters=FIVE)
        stored = [await orchestrator.ledger.completion(reply.request.key) for reply in watching.replies]

    assert backend.requests == watching.requests == [reply.request for reply in watching.replies]
    assert [reply.completion for reply in watching.replies] == stored
    assert {(outcome.run, f"1.propose/seat-{seat}") for seat in range(1, 6)} == watching.turns


async def test_what_the_ledger_answers_is_not_shown_before(tmp_path: Path) -> None:
    """The same question again: its replies are shown, its requests are not; a replay shows neither."""
    backend, first, second = ScriptedBackend(lambda _: "Answer: 1"), Watching(), Watching()
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[first]) as orchestrator:
        await orchestrator.solve("1?", PANEL, answer="number", parameters=FIVE)
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[second]) as orchestrator:
        outcome = await orchestrator.solve("1?", PANEL, answer="number", parameters=FIVE)
        seen = list(second.replies)
        await orchestrator.replay(outcome.run)

    assert [] == second.requests
    assert [True] * 5 == [reply.cached for reply in seen]
    assert seen == second.replies


async def test_a_refused_request_costs_nothing(tmp_path: Path) -> None:
    """Its turn fails with the reason, nothing is sent, reserved or stored, and the run replays."""
    backend = ScriptedBackend(lambda _: "Answer: 1")
    guard = Watching(before={"secret": PolicyError("not to this model")})
    async with Orchestrator(["open", "secret"], backend=backend, ledger=tmp_path / "l.db", stages=[guard]) as orchestrator:
        outcome = await orchestrator.solve("1?", PANEL, answer="number", parameters=FIVE)
        spent = await orchestrator.ledger.spent(outcome.run)
        difference = (await orchestrator.replay(outcome.run)).difference

    failures = {turn.failure for turn in outcome.trace.turns if turn.failure is not None}
    assert {("policy", "not to this model")} == {(failure.kind, failure.message) for failure in failures}
    assert {"open"} == {request.model for request in backend.requests}
    assert ("1", 3, 3, None) == (outcome.answer, outcome.usage.calls, spent.calls, difference)


async def test_a_refused_reply_is_paid_for(tmp_path: Path) -> None:
    """Its turn fails though it was paid for, in this run and in one that finds it in the ledger; both replay."""
    backend, guard = ScriptedBackend(lambda _: "Answer: 1"), Watching(after=PolicyError("no such words"))
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[guard]) as orchestrator:
        outcomes = [await orchestrator.solve("1?", "single", answer="number") for _ in range(2)]
        differences = [(await orchestrator.replay(outcome.run)).difference for outcome in outcomes]

    turns = [outcome.trace.turns[0] for outcome in outcomes]
    assert ["policy", "policy"] == [turn.failure and turn.failure.kind for turn in turns]
    assert [1, 0] == [outcome.usage.calls for outcome in outcomes]
    assert [None, None] == differences
    assert 1 == len(backend.requests)


async def test_a_rejection_leads_to_the_next_model(tmp_path: Path) -> None:
    """A request that must not go to one model may go to its fallback, which is shown, too."""
    backend, guard = ScriptedBackend(lambda _: "Answer: 1"), Watching(before={"away": RejectedError("stays in the house")})
    async with Orchestrator(
        ["away"], fallbacks=["home"], backend=backend, ledger=tmp_path / "l.db", stages=[guard]
    ) as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")

    assert ["away", "home"] == [request.model for request in guard.requests]
    assert ["home"] == [request.model for request in backend.requests]
    assert "home" == outcome.trace.turns[0].model


async def test_a_wrong_stage_fails_the_turn(tmp_path: Path) -> None:
    """An exception of a stage's own code is on record as such."""
    backend, wrong = ScriptedBackend(lambda _: "Answer: 1"), Watching(before={"m": KeyError("x")})
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[wrong]) as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")

    failure = outcome.trace.turns[0].failure
    assert failure is not None
    assert ("program", []) == (failure.kind, backend.requests)


async def test_a_mistake_of_the_user_s_ends_the_run(tmp_path: Path) -> None:
    """An InputError of a stage is not a failed turn, for one call or for several."""
    backend, guard = ScriptedBackend(lambda _: "Answer: 1"), Watching(before={"m": InputError("set a policy first")})
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[guard]) as orchestrator:
        for strategy in ("single", PANEL):
            with pytest.raises(InputError, match="set a policy first"):
                await orchestrator.solve("1?", strategy, answer="number")


async def test_the_first_that_refuses_ends_the_call(tmp_path: Path) -> None:
    """Stages are asked in their order, and none after a refusal."""
    backend, refusing, last = ScriptedBackend(lambda _: "Answer: 1"), Watching(before={"m": PolicyError("no")}), Watching()
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", stages=[Stage(), refusing, last]) as orchestrator:
        await orchestrator.solve("1?", "single", answer="number")
    assert (1, 0) == (len(refusing.requests), len(last.requests))


def test_what_is_no_stage_is_refused() -> None:
    """In one line, when it is given."""
    with pytest.raises(InputError, match="'guard' is no stage: give objects of a class that extends"):
        Orchestrator(["m"], stages=["guard"])  # type: ignore[list-item]  # that is the point


async def test_samples_that_share_a_request_are_shown_one_by_one(loopback: Loopback, tmp_path: Path) -> None:
    """One that is refused is missing from the request that the others share."""
    loopback.modes["n"] = "takes"
    loopback.script = lambda seen: f"{'word ' * seen.sample}Answer: 1"

    class NotTheThird(Watching):
        async def before(self, request: Request, caller: Caller) -> None:
            await super().before(request, caller)
            if request.draw == 2:
                raise PolicyError("not the third")

    watching = NotTheThird()
    async with Orchestrator(["m"], base_url=loopback.url, ledger=tmp_path / "l.db", stages=[watching]) as orchestrator:
        outcome = await orchestrator.solve("1?", PANEL, answer="number", parameters=FIVE)

    assert [4] == [seen.body.get("n", 1) for seen in loopback.seen]
    assert (5, 4) == (len(watching.requests), len(watching.replies))
    assert ["policy"] == [turn.failure.kind for turn in outcome.trace.turns if turn.failure is not None]
