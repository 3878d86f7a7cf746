"""What stands against agents that sway others, in whole runs: no names, orders by seed, first votes kept, only words judged."""

from __future__ import annotations

import re

from contemplate import Orchestrator, Outcome, Request, ScriptedBackend, Settings

SEATS = 4
PUBLIC = Settings(secret="public")


def sways(request: Request) -> str:
    """Each seat has an answer of its own, and all give way to 3 once they read the others."""
    again = "Another reply" in str(request.messages)
    return f"Reason number {request.draw}.\nAnswer: {3 if again else request.draw}"


async def debate(seed: int) -> tuple[Outcome, dict[int, list[str]], str]:
    """A debate; in which order each seat reads the others, and all prompts."""
    backend = ScriptedBackend(sways)
    async with Orchestrator(["m"], backend=backend, ledger=":memory:", settings=PUBLIC) as orchestrator:
        outcome = await orchestrator.solve(
            "1?", "multiagent-debate", answer="number", parameters={"seats": SEATS, "rounds": 2}, seed=seed
        )
    revisions = [request for request in backend.requests if "Another reply" in str(request.messages)]
    orders = {request.draw: re.findall(r"Reason number (\d)", request.messages[-1].text) for request in revisions}
    return outcome, orders, " ".join(str(request.messages) for request in backend.requests)


async def test_others_have_no_names_and_an_order_by_the_seed() -> None:
    """No prompt names a seat; each reads all the others, in the same order for the same seed, and in others for others."""
    _, first, prompts = await debate(1)
    _, again, _ = await debate(1)
    others = [(await debate(seed))[1] for seed in range(2, 6)]
    assert "seat" not in prompts.lower()
    assert first == again
    for orders in (first, *others):
        assert {seat: sorted({*"0123"} - {str(seat)}) for seat in range(SEATS)} == {
            seat: sorted(order) for seat, order in orders.items()
        }
    assert any(first != orders for orders in others)


async def test_the_first_vote_stands_beside_the_last() -> None:
    """Whoever was swayed is named, with both answers and whom he read; the vote before that is kept."""
    outcome, _, _ = await debate(1)
    flips = outcome.trace.flips()
    assert outcome.first_decision is not None
    assert ["0", "1", "2", "3"] == sorted(share.answer for share in outcome.first_decision.tally)
    assert "3" == outcome.answer
    assert {("0", "3"), ("1", "3"), ("2", "3")} == {
        (flip.before.answer.text, flip.after.answer.text) for flip in flips if flip.before.answer and flip.after.answer
    }
    assert all(len(flip.read) == SEATS - 1 for flip in flips)


async def test_nothing_empty_is_judged() -> None:
    """An empty reply, and one of unseen characters alone, fail their turns, and no judge is asked about them."""

    def says(request: Request) -> str:
        if "Another reply" in str(request.messages) or "--- Reply" in str(request.messages):
            return "Score: 5"
        return ("Answer: 1", "", "\u200b \u2060\n")[request.draw]

    backend = ScriptedBackend(says)
    async with Orchestrator(["m"], backend=backend, ledger=":memory:", settings=PUBLIC) as orchestrator:
        outcome = await orchestrator.solve("1?", "best-of-n", answer="number", parameters={"seats": 3})
    turns = outcome.trace.turns
    assert ["seat-2", "seat-3"] == [turn.seat for turn in turns if turn.failure]
    assert 1 == sum(turn.verb == "score" for turn in turns)
    assert 4 == len(backend.requests)
