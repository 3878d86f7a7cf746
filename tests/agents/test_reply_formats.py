"""Replies in a form: as a JSON object where the endpoint can, as tagged text where not, asked for once more, or failed."""

from __future__ import annotations

import json

import pytest

from contemplate import Critique, Judge, Orchestrator, Outcome, Propose, Question, Request, ScriptedBackend, Strategy, Vote

AUDIT = Strategy(steps=[Propose(seats=2), Critique(of="each"), Vote()])


async def solved(backend: ScriptedBackend, strategy: Strategy = AUDIT, question: Question | str = "1?") -> Outcome:
    """A run on an empty ledger, and its replay, which must be the same without a call."""
    question = question if isinstance(question, Question) else Question(text=question, kind="number")
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(question, strategy)
        made = len(backend.requests)
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference
    assert difference is None
    assert len(backend.requests) == made
    return outcome


async def test_a_schema_goes_along_where_the_endpoint_takes_it() -> None:
    """The request carries the schema, the prompt describes the object, and its fields are read."""

    def answer(request: Request) -> str:
        if request.reply_schema is None:
            return "Answer: 1"
        assert '{"check": <' in request.messages[-1].content
        assert "Verdict:" not in request.messages[-1].content
        return json.dumps({"check": "2 + 2 is 5 is wrong", "verdict": "flawed"})

    backend = ScriptedBackend(answer, structured=True)
    outcome = await solved(backend)

    critiques = [turn for turn in outcome.trace.turns if turn.verb == "critique"]
    assert [turn.verdict for turn in critiques] == ["flawed", "flawed"]
    assert [turn.words for turn in critiques] == ["2 + 2 is 5 is wrong\nVerdict: flawed"] * 2
    schemas = [request.reply_schema for request in backend.requests if request.reply_schema]
    assert [schema["properties"]["verdict"]["enum"] for schema in schemas] == [["sound", "flawed"]] * 2


async def test_text_is_asked_for_where_it_does_not() -> None:
    """The tagged form, and no call is made for the form that is refused."""
    backend = ScriptedBackend(lambda request: "Verdict: sound" if "Verdict:" in request.messages[-1].content else "Answer: 1")
    outcome = await solved(backend)

    assert outcome.usage.calls == len(backend.requests) == 4
    assert all(request.reply_schema is None for request in backend.requests)


async def test_an_unreadable_verdict_is_asked_for_once_more() -> None:
    """One repair question, in the same conversation; both replies stand in the turn, and both are paid for."""

    def answer(request: Request) -> str:
        if "Verdict:" not in request.messages[-1].content:
            return "Answer: 1"
        return "I see no mistake." if len(request.messages) == 1 else "Verdict: sound"

    backend = ScriptedBackend(answer)
    outcome = await solved(backend)

    critiques = [turn for turn in outcome.trace.turns if turn.verb == "critique"]
    assert [(turn.verdict, turn.repaired) for turn in critiques] == [("sound", True)] * 2
    assert critiques[0].text == "I see no mistake.\n\nVerdict: sound"
    assert outcome.usage.calls == 2 + 2 * 2
    again = next(request for request in backend.requests if len(request.messages) == 3)
    assert [message.role for message in again.messages] == ["user", "assistant", "user"]
    assert sum(turn.tokens.completion for turn in outcome.trace.turns) == outcome.usage.completion_tokens


async def test_a_second_unreadable_verdict_fails_the_turn() -> None:
    """It is asked for once more, and not again; nobody guesses."""
    backend = ScriptedBackend(lambda request: "hm" if "Verdict:" in request.messages[-1].content else "Answer: 1")
    outcome = await solved(backend)

    critiques = [turn for turn in outcome.trace.turns if turn.verb == "critique"]
    assert [(turn.status, turn.verdict) for turn in critiques] == [("failed", None)] * 2
    assert outcome.usage.calls == 2 + 2 * 2


@pytest.mark.parametrize(
    "broken", ['{"check": "x"}', '{"verdict": 7, "check": []}', "[1, 2]", "{" * 500, '{"verdict": {"a": 1}}', "null"]
)
async def test_broken_objects_are_no_verdicts(broken: str) -> None:
    """Whatever stands where the object should: the turn fails, the run goes on."""
    backend = ScriptedBackend(lambda request: broken if request.reply_schema else "Answer: 1", structured=True)
    outcome = await solved(backend)

    assert outcome.answer == "1"
    assert [turn.verdict for turn in outcome.trace.turns if turn.verb == "critique"] == [None, None]


TEXT = Question(text="Who wrote it?")


def judged(same: bool) -> ScriptedBackend:
    """Three proposers with two names for one author, and a judge of equivalence."""

    def answer(request: Request) -> str:
        said = request.messages[-1].content
        if "Do they say the same" in said:
            return f"Verdict: {'same' if same else 'different'}"
        return ["Answer: Mark Twain", "Answer: Samuel Clemens", "Answer: Jane Austen"][request.draw]

    return ScriptedBackend(answer)


async def test_texts_that_say_the_same_are_counted_as_one() -> None:
    """A model is asked once about each pair of different texts; the merge keeps its reason."""

    def answer(request: Request) -> str:
        said = request.messages[-1].content
        if "Do they say the same" in said:
            return "Verdict: same" if "Twain" in said and "Clemens" in said else "Verdict: different"
        return ["Answer: Jane Austen", "Answer: Mark Twain", "Answer: Samuel Clemens"][request.draw]

    outcome = await solved(ScriptedBackend(answer), Strategy(steps=[Propose(seats=3), Vote()]), TEXT)

    assert outcome.answer == "Mark Twain"
    assert outcome.usage.calls == 3 + 3
    assert outcome.decision is not None
    assert [(row.answer, row.votes) for row in outcome.decision.tally] == [("Mark Twain", 2), ("Jane Austen", 1)]
    assert [(m.answer, m.into, m.reason) for m in outcome.decision.merges] == [
        ("Samuel Clemens", "Mark Twain", "a model judged them to say the same")
    ]


async def test_equivalence_by_form_asks_nobody() -> None:
    """`equivalence: form` in a recipe leaves it at the normal form."""
    strategy = Strategy(steps=[Propose(seats=3), Vote()], equivalence="form")
    outcome = await solved(judged(same=True), strategy, TEXT)

    assert outcome.usage.calls == 3
    assert outcome.decision is not None
    assert len(outcome.decision.tally) == 3


async def test_a_pair_is_asked_about_once_a_run() -> None:
    """The critique, the vote and the judge share what was found out."""
    strategy = Strategy(steps=[Propose(seats=2), Critique(of="distinct"), Vote(ties="judge"), Judge()])

    def answer(request: Request) -> str:
        said = request.messages[-1].content
        if "Do they say the same" in said:
            return "Verdict: different"
        if "Verdict:" in said:
            return "Verdict: sound"
        return "Choice: A" if "Choice:" in said else ["Answer: Twain", "Answer: Austen"][request.draw]

    backend = ScriptedBackend(answer)
    await solved(backend, strategy, TEXT)

    assert sum("Do they say the same" in request.messages[-1].content for request in backend.requests) == 1
