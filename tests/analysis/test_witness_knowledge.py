"""What a ledger teaches about members and critics, with and without right answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate import InputError, Orchestrator, Question, Request, ScriptedBackend
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.analysis.witness_knowledge import Lessons, learned_knowledge, lessons
from contemplate.seeds import rng
from contemplate.voting.witnesses import Lesson


def agents(request: Request) -> str:
    """Question n has the answer n. Seats are right in 6 of 10 replies, else off by one to three; critics in 8 of 10.

    Who is right hangs on the question and the seed of the request, and not on how prompts are worded.
    """
    said = request.messages[-1].content
    right = said.split("Question ")[1].split("?")[0]
    role = next((mark for mark in ("--- Reply [", "--- Answer [") if mark in said), "")
    draw = rng(request.seed or 0, right, role, said.split("---\n")[1].split("\n---")[0] if role else "")
    if "--- Reply [" in said or "--- Answer [" in said:
        claimed = said.split("---\n")[1].split("\n---")[0].removeprefix("Answer: ")
        holds = (claimed == right) == (draw.random() < 0.8)
        if "--- Reply [" in said:
            return f"Summary: s\nVerdict: {'sound' if holds else 'flawed'}"
        return f"Verdict: {'accept' if holds else 'reject'}"
    return f"Answer: {right if draw.random() < 0.6 else int(right) + draw.randrange(1, 4)}"


async def asked(ledger: Path, numbers: range, strategy: str = "calibration", seed: int = 0) -> None:
    """Ask questions whose gold answers stand there."""
    async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=ledger) as orchestrator:
        for number in numbers:
            question = Question(text=f"Question {number}?", kind="number", gold=str(number))
            await orchestrator.solve(question, strategy, seed=seed)


async def taught(ledger: Path, **filters: object) -> Lessons:
    """The lessons of a ledger."""
    async with Orchestrator(ledger=ledger) as orchestrator:
        return await lessons(orchestrator.ledger, **filters)  # type: ignore[arg-type]


def samples(lesson: Lesson) -> int:
    """The number of samples of a lesson."""
    return sum(map(sum, lesson.evidence.samples.values()))


async def test_a_calibration_is_a_lesson_with_its_truth(tmp_path: Path) -> None:
    """Members by model, critics by card and model; the truth stands among the answers or is none of them."""
    await asked(tmp_path / "l.db", range(20, 30))
    found = await taught(tmp_path / "l.db")

    assert not found.unknown
    assert {3} == {samples(lesson) for lesson in found.known}
    assert {("m",)} == {tuple(lesson.evidence.samples) for lesson in found.known}
    assert {("critic:m", "verifier:m")} == {tuple(lesson.evidence.verdicts) for lesson in found.known}
    assert all(lesson.truth is not None and lesson.truth <= lesson.evidence.answers for lesson in found.known)


async def test_the_truth_is_the_class_of_the_gold_answer(tmp_path: Path) -> None:
    """Of the verdicts on it 8 in 10 accept."""
    await asked(tmp_path / "l.db", range(100, 160))

    accepts = rejects = 0
    for lesson in (await taught(tmp_path / "l.db")).known:
        for said in lesson.evidence.verdicts.values():
            if lesson.truth is not None and lesson.truth < lesson.evidence.answers:
                accepts += said.accepts[lesson.truth]
                rejects += said.rejects[lesson.truth]
    assert accepts / (accepts + rejects) == pytest.approx(0.8, abs=0.08)


async def test_critics_are_learned_from_calibration(tmp_path: Path) -> None:
    """Both are trusted, with their rates within three standard errors."""
    await asked(tmp_path / "l.db", range(100, 160))
    async with Orchestrator(ledger=tmp_path / "l.db") as orchestrator:
        knowledge = await learned_knowledge(orchestrator.ledger)

    assert sorted(knowledge.critics) == ["critic:m", "verifier:m"]
    for critic in knowledge.critics.values():
        assert critic.distrust is None
        assert critic.sensitivity == pytest.approx(0.8, abs=max(0.1, 3 * critic.sensitivity_error))
        assert critic.specificity == pytest.approx(0.8, abs=max(0.1, 3 * critic.specificity_error))


async def test_gold_answers_of_other_runs_are_not_looked_at(tmp_path: Path) -> None:
    """Whatever they are, nothing that is learned changes."""
    found = []
    for name, shift in (("right", 0), ("wrong", 7)):
        async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=tmp_path / f"{name}.db") as orchestrator:
            for number in range(20, 30):
                question = Question(text=f"Question {number}?", kind="number", gold=str(number + shift))
                await orchestrator.solve(question, "self-consistency")
            found.append(await lessons(orchestrator.ledger))

    assert found[0] == found[1]
    assert {lesson.truth for lesson in found[0].unknown} == {None}


async def test_runs_done_again_from_the_ledger_count_once(tmp_path: Path) -> None:
    """And a larger panel adds its further samples to the same question."""
    await asked(tmp_path / "l.db", range(20, 23), "self-consistency")
    before = await taught(tmp_path / "l.db")
    await asked(tmp_path / "l.db", range(20, 23), "self-consistency")
    again = await taught(tmp_path / "l.db")
    await asked(tmp_path / "l.db", range(20, 23), "best-of-n")
    more = await taught(tmp_path / "l.db")

    assert before == again
    assert [5, 5, 5] == [samples(lesson) for lesson in again.unknown]
    assert all(samples(lesson) > 5 for lesson in more.unknown)


async def test_only_a_kind_of_question(tmp_path: Path) -> None:
    """There are none of another kind here."""
    await asked(tmp_path / "l.db", range(20, 23))

    assert 3 == len((await taught(tmp_path / "l.db", kind="number")).known)
    assert 0 == len((await taught(tmp_path / "l.db", kind="choice")).known)


async def test_members_are_learned_on_real_questions_where_there_are_any(tmp_path: Path) -> None:
    """How good a panel is at generated sums says nothing of how good it is at what is asked."""
    await asked(tmp_path / "l.db", range(100, 130))
    alone = (await taught(tmp_path / "l.db")).knowledge
    await asked(tmp_path / "l.db", range(500, 510), "self-consistency")
    both = await taught(tmp_path / "l.db")

    assert both.knowledge.members["m"].samples == 50
    assert alone.members["m"].samples == 90
    assert both.knowledge.critics == alone.critics


async def test_a_model_that_writes_programs_is_a_member_of_its_own(tmp_path: Path) -> None:
    """It errs in other ways than the same model does in words."""
    pytest.importorskip("pydantic_monty")
    backend = ScriptedBackend(
        lambda request: "```python\nprint(4)\n```" if "Python" in request.messages[-1].content else "Answer: 5"
    )
    async with Orchestrator("m", backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        await orchestrator.solve("2 + 2?", "program-aided", answer="number", parameters={"seats": 4})
        (lesson,) = (await lessons(orchestrator.ledger)).unknown

    assert {"programmer:m": (2, 0), "m": (0, 2)} == lesson.evidence.samples


async def test_the_default_asks_a_verifier_that_calibration_found_good(tmp_path: Path) -> None:
    """Before that nobody is asked for a verdict; after it verdicts are, and a replay goes by the same."""
    asked_for: list[set[str]] = []
    for number in (1000, 1001):
        async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=tmp_path / "l.db") as orchestrator:
            outcomes = [
                await orchestrator.solve(
                    f"Question {number}?", "contemplating", answer="number", parameters={"programs": "none"}, seed=seed
                )
                for seed in range(8)
            ]
            asked_for.append({turn.card for outcome in outcomes for turn in outcome.trace.turns if turn.card})
            assert all([(await orchestrator.replay(outcome.run)).identical for outcome in outcomes])
        await asked(tmp_path / "l.db", range(100, 160))

    assert [{"proposer"}, {"proposer", "verifier"}] == [cards - {"critic"} for cards in asked_for]


async def test_a_kind_of_answer_that_a_later_version_knows(tmp_path: Path) -> None:
    """Its questions teach this one nothing, and stand in nobody's way."""
    await asked(tmp_path / "l.db", range(20, 23))
    async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=tmp_path / "l.db") as orchestrator:
        newest = (await orchestrator.ledger.runs())[0]
        question = {**newest.spec["question"], "kind": "a-kind-to-come"}
        await orchestrator.ledger.start_run(
            newest.model_copy(update={"run": "later", "spec": {**newest.spec, "question": question}})
        )
        await orchestrator.ledger.end_run("later", "finished", newest.outcome)

        assert 3 == len((await lessons(orchestrator.ledger)).known)
        with pytest.raises(InputError, match="answered by more than one model"):
            await learned_reliability(orchestrator.ledger)
