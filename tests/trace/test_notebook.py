"""What a notebook shows of an outcome and of a trace."""

from __future__ import annotations

import time
from dataclasses import replace

import networkx as nx
import pytest

from contemplate import Question, ScriptedBackend, Trace, solve
from contemplate.types import Answer, AnswerKind, Decision, Turn
from hostile import PAYLOADS, hostile_outcome
from runs import done
from shown import harmless


@pytest.mark.parametrize("kind", ["number", "open", "text"])
def test_hostile_words_do_nothing(kind: AnswerKind) -> None:
    """Every field of an outcome and its trace holds them; the elements are those of harmless words."""
    outcome, plain = hostile_outcome(kind=kind), hostile_outcome(tuple(f"x{n}" for n in range(len(PAYLOADS))), kind)

    for html, other in ((outcome._repr_html_(), plain._repr_html_()), (outcome.trace._repr_html_(), plain.trace._repr_html_())):
        shown = harmless(html)
        assert {tag for tag, _ in shown.elements} <= {tag for tag, _ in harmless(other).elements} | {"b"}
        assert "<script>window.ran=1</script>" in shown.words or "⟨U+202E⟩" in shown.words
        assert "\u202e" not in shown.words
    assert len(outcome._repr_html_()) < 60_000


async def test_an_outcome_of_a_vote() -> None:
    """Answer, confidence, how it won, the tally, who was for something else, and what it took."""
    outcome = await done("debate")
    words = harmless(outcome._repr_html_()).words

    assert outcome.decision is not None
    assert words.startswith(f"5 (confidence {outcome.confidence:.2f})Won by ")
    assert "seat-4: 10" in words
    assert outcome.run in words
    assert "15 calls" in words
    assert words.index("answervotesseats") < words.index("Dissent")


async def test_an_outcome_of_claims() -> None:
    """The whole text, and the claims with who is for and against each."""
    outcome = await done("open")
    shown = harmless(outcome._repr_html_())

    assert outcome.answer is not None
    assert outcome.answer in shown.words
    assert all(claim.text in shown.words for claim in outcome.claims)
    assert f"{len(outcome.claims)} claims: " in shown.words
    assert "details" in {tag for tag, _ in shown.elements}
    assert "answervotes" not in shown.words


async def test_no_answer() -> None:
    """It is said, and why."""
    outcome = await solve("2 + 2?", "single", backend=ScriptedBackend([]), answer="number", models="m", ledger=":memory:")
    words = harmless(outcome._repr_html_()).words

    assert words.startswith("No answerNo answer: ")
    assert "confidence" not in words


async def test_a_trace_is_a_table_of_seats_and_rounds() -> None:
    """A seat that changed its answer has both letters, the answer that won is A."""
    outcome = await done("debate")
    words = harmless(outcome.trace._repr_html_()).words

    assert words.startswith("Trace: 17 turns, 5 seats, ")
    assert "1.propose" in words
    assert ", round 2" in words
    assert "B → A 5" in words
    assert words.count("B → A") == len(outcome.trace.flips())
    assert words.index("seat-5") < words.index("decision")


async def test_a_failed_turn_stands_there() -> None:
    """With its reason."""
    outcome = await done("failed")

    assert "failed: example/mini: 403" in harmless(outcome.trace._repr_html_()).words
    assert ", 1 failed" in repr(outcome.trace)


async def test_plain_representations_are_short() -> None:
    """One line, whatever was said."""
    outcome = await done("open")
    long = replace(outcome, answer="word " * 1000 + "\u202e\n")

    assert repr(outcome.trace).startswith("<Trace: ")
    assert len(repr(long)) < 500
    assert "\n" not in repr(long)
    assert "…" in repr(long)


def test_graphs_that_are_made_of_a_trace() -> None:
    """A trace without turns, one that goes on, and graphs that networkx makes of it can be shown too."""
    trace = Trace()
    assert repr(trace) == "<Trace: 0 turns, 0 seats, 0 edges>"
    trace.lay_out("a", ())
    trace.lay_out("b", [("a", "saw")])
    trace.record(Turn(id="b", step="1.propose", verb="propose", seat="seat-1"), None)

    assert repr(trace) == "<Trace: 2 turns, 1 seat, 1 edge, 1 pending>"
    for graph in (trace, trace.copy(), trace.subgraph(["b"]), trace.reverse(), nx.freeze(trace.copy())):
        assert "seat-1" in harmless(graph._repr_html_()).words
    trace.add_edge("mine", "b")
    assert harmless(trace._repr_html_())


def test_a_large_trace_is_cut_short() -> None:
    """5,000 turns are shown in no time, and in a few kilobytes."""
    trace = Trace()
    decision = Decision(rule="plurality", winner="1", value="1", tally=(), margin=1)
    for number in range(5_000):
        seat, passed = number % 100, number // 100
        turn = Turn(
            id=f"{passed}/{seat}",
            step="2.revise",
            verb="revise",
            round=passed,
            seat=f"seat-{seat + 1}",
            answer=Answer(kind="number", text=str(number % 700), value=str(number % 700), how="stated"),
        )
        trace.lay_out(turn.id, [(f"{passed - 1}/{seat}", "saw")] if passed else [])
        trace.record(turn, None)
    trace.lay_out("end", ())
    trace.record(Turn(id="end", step="3.vote", verb="vote", decision=decision), None)
    began = time.perf_counter()
    html = trace._repr_html_()

    assert time.perf_counter() - began < 2
    assert len(html) < 120_000
    words = harmless(html).words
    assert "and 61 more" in words
    assert "more rounds" in words


def test_a_question_of_thousands_of_answers() -> None:
    """The tally is cut short."""
    outcome = hostile_outcome(("x",))
    assert outcome.decision is not None
    row = outcome.decision.tally[0]
    many = outcome.decision.model_copy(update={"tally": tuple(row for _ in range(500))})
    question = Question(text="?", kind="number")

    assert "and 460 more" in harmless(replace(outcome, decision=many, question=question)._repr_html_()).words
