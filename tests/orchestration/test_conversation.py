"""Conversations: each turn is a run, sees what was said before, and can be taken up again from the ledger."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from contemplate import (
    Conversation,
    Document,
    InputError,
    Message,
    Orchestrator,
    Propose,
    Request,
    ScriptedBackend,
    Strategy,
    Vote,
)
from contemplate.errors import UnknownNameError
from contemplate.types import Question

NOTES = Document(name="notes.md", text="The pump is red.")


class Panel:
    """A backend that answers each question by its number, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.backend = ScriptedBackend(self._reply)

    def _reply(self, request: Request) -> str:
        self.asked.append(request)
        asked = sum(message.role == "user" for message in request.messages)
        return "I do not know." if "unanswerable" in request.messages[-1].text else f"Answer: {asked}0"

    @property
    def last(self) -> list[tuple[str, str]]:
        """The messages of the last call but the one that asks: role and text."""
        return [(message.role, message.text) for message in self.asked[-1].messages[:-1]]


@pytest.fixture
def panel() -> Panel:
    """A panel that has not been asked."""
    return Panel()


def orchestrated(panel: Panel, ledger: Path | str = ":memory:", models: tuple[str, ...] = ("m",)) -> Orchestrator:
    """An orchestrator whose models are the panel."""
    return Orchestrator(models, backend=panel.backend, ledger=ledger)


async def test_three_turns_replayed_and_resumed(panel: Panel, tmp_path: Path) -> None:
    """Each run sees the questions and final answers before it; all replay; a fourth turn goes on where they ended."""
    ledger = tmp_path / "ledger.db"
    async with orchestrated(panel, ledger) as orchestrator:
        conversation = Conversation(
            orchestrator, "self-consistency", answer="number", parameters={"seats": 3}, documents=[NOTES], system="Be brief."
        )
        outcomes = [await conversation.ask(text) for text in ("One?", "Two?", "Three?")]
        replays = [await orchestrator.replay(outcome.run) for outcome in outcomes]
        records = [await orchestrator.run(outcome.run) for outcome in outcomes]

    assert [outcome.answer for outcome in outcomes] == ["10", "20", "30"]
    assert all(replay.identical for replay in replays)
    places = [(record.spec["conversation"]["id"], record.spec["conversation"]["number"]) for record in records]
    assert places == [(conversation.id, 1), (conversation.id, 2), (conversation.id, 3)]
    said = [("user", "One?"), ("assistant", "10"), ("user", "Two?"), ("assistant", "20")]
    assert panel.last == [("system", "Be brief."), *said]

    calls = len(panel.asked)
    async with orchestrated(panel, ledger, models=()) as orchestrator:
        taken_up = await Conversation.resume(orchestrator, conversation.id[:-2])
        outcome = await taken_up.ask("Four?")
        record = await orchestrator.run(outcome.run)

    assert (taken_up.id, taken_up.turns, taken_up.run) == (conversation.id, 4, outcome.run)
    assert panel.last == [("system", "Be brief."), *said, ("user", "Three?"), ("assistant", "30")]
    assert "The pump is red." in panel.asked[-1].messages[-1].text
    assert len(panel.asked) - calls == 3
    assert (outcome.answer, outcome.models, outcome.strategy) == ("40", ("m",), "self-consistency")
    assert record.spec["conversation"] == {
        "id": conversation.id,
        "number": 4,
        "strategy": "self-consistency",
        "parameters": {"seats": 3},
        "answer": "number",
    }


async def test_a_resumed_turn_asks_under_the_keys_that_it_would_have_had(panel: Panel, tmp_path: Path) -> None:
    """Held in one go or taken up again, the requests are the same."""
    keys = []
    for ledger, again in ((tmp_path / "one.db", False), (tmp_path / "two.db", True)):
        async with orchestrated(panel, ledger) as orchestrator:
            conversation = Conversation(orchestrator, "single", answer="number", documents=[NOTES])
            await conversation.ask("One?")
            if again:
                conversation = await Conversation.resume(orchestrator)
            await conversation.ask("Two?")
        keys.append([request.key for request in panel.asked])
        panel.asked.clear()

    assert keys[0] == keys[1]


async def test_a_turn_without_an_answer_is_left_out(panel: Panel) -> None:
    """Of what is said before the next one; it keeps its number."""
    async with orchestrated(panel) as orchestrator:
        conversation = Conversation(orchestrator, "single", answer="number")
        await conversation.ask("One?")
        nothing = await conversation.ask("An unanswerable one?")
        await conversation.ask("Three?")
        taken_up = await Conversation.resume(orchestrator, "last")

    assert nothing.answer is None
    assert panel.last == [("user", "One?"), ("assistant", "10")]
    assert conversation.turns == 3
    assert taken_up.history == conversation.history
    assert [message.text for message in taken_up.history] == ["One?", "10", "Three?", "20"]


async def test_an_interrupted_turn(panel: Panel) -> None:
    """It has its number, is no part of what was said, and can be resumed as a run."""

    async def hangs(_: Request) -> str:
        await anyio.sleep_forever()
        raise AssertionError

    async with orchestrated(panel) as orchestrator:
        conversation = Conversation(orchestrator, "single", answer="number")
        await conversation.ask("One?")
        panel.backend = ScriptedBackend(hangs)
        async with Orchestrator(["m"], backend=panel.backend, ledger=orchestrator.ledger) as slow:
            taken_up = await Conversation.resume(slow)
            with anyio.move_on_after(0.05):
                await taken_up.ask("Two?")
        once_more = await Conversation.resume(orchestrator)
        outcome = await once_more.ask("Three?")
        states = [record.state for record in await orchestrator.runs()]

    assert sorted(states) == ["finished", "finished", "interrupted"]
    assert once_more.turns == 3
    assert panel.last == [("user", "One?"), ("assistant", "10")]
    assert outcome.answer == "20"


async def test_what_may_change(panel: Panel, tmp_path: Path) -> None:
    """The strategy, the system prompt, the models; further documents come on top of those that there are."""
    ledger = tmp_path / "ledger.db"
    async with orchestrated(panel, ledger) as orchestrator:
        await Conversation(orchestrator, "single", answer="number", documents=[NOTES], system="Be brief.").ask("One?")
    more = Document(name="more.md", text="It has two valves.")
    async with orchestrated(panel, ledger, models=("other",)) as orchestrator:
        same = await Conversation.resume(orchestrator)
        changed = await Conversation.resume(
            orchestrator, "last", "self-consistency", same_models=False, documents=[more], system="Be kind."
        )
        first, second = await same.ask("Two?"), await changed.ask("Two?")

    assert (first.models, second.models) == (("m",), ("other",))
    assert (first.strategy, second.strategy) == ("single", "self-consistency")
    assert second.question.documents == (NOTES, more)
    assert panel.last[0] == ("system", "Be kind.")


async def test_a_strategy_built_in_python(panel: Panel) -> None:
    """It stands in the run, and goes on from there."""
    strategy = Strategy(name="mine", steps=(Propose(seats=2), Vote()))
    async with orchestrated(panel) as orchestrator:
        await Conversation(orchestrator, strategy, answer="number").ask("One?")
        outcome = await (await Conversation.resume(orchestrator)).ask("Two?")

    assert (outcome.strategy, outcome.answer) == ("mine", "20")


async def test_questions_wait_for_each_other(panel: Panel) -> None:
    """A second one that is asked at once sees the answer to the first."""
    async with orchestrated(panel) as orchestrator:
        conversation = Conversation(orchestrator, "single", answer="number")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(conversation.ask, "One?")
            tasks.start_soon(conversation.ask, "Two?")

    assert panel.last == [("user", "One?"), ("assistant", "10")]


async def test_conversations_that_are_not_there(panel: Panel) -> None:
    """Runs that are no turns are none; of several that begin alike one must be named; an unfinished one is resumed first."""
    async with orchestrated(panel) as orchestrator:
        await orchestrator.solve("Alone?", "single", answer="number")
        with pytest.raises(UnknownNameError, match=r"no conversation called 'last'.*contemplate chat begins one"):
            await Conversation.resume(orchestrator)
        for _ in range(2):
            await Conversation(orchestrator, "single", answer="number").ask("One?")
        with pytest.raises(InputError, match="several conversations begin with 'chat-'"):
            await Conversation.resume(orchestrator, "chat-")
        with pytest.raises(UnknownNameError, match="no conversation called 'chat-0'"):
            await Conversation.resume(orchestrator, "chat-0")


async def test_what_is_refused_costs_no_number(panel: Panel) -> None:
    """An empty question, or a history that is none: nothing is called."""
    async with orchestrated(panel) as orchestrator:
        conversation = Conversation(orchestrator, "single", history=[Message(role="assistant", content="Hello.")])
        with pytest.raises(InputError, match="message 1 is of role 'assistant'"):
            await conversation.ask("One?")
        with pytest.raises(TypeError, match="no argument 'anser'; did you mean 'answer'"):
            Conversation(orchestrator, anser="number")  # type: ignore[call-arg]

    assert (conversation.turns, conversation.run, panel.asked) == (0, None, [])


async def test_a_run_outside_of_conversations_is_stored_as_before(panel: Panel) -> None:
    """Without a word of them."""
    async with orchestrated(panel) as orchestrator:
        spec = orchestrator.specify(Question(text="One?"), "single", Conversation(orchestrator)._options)

    assert "conversation" not in spec.model_dump(mode="json")
