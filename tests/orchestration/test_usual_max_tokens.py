"""How long a reply of an embedded model may be hangs on the kind of answer, and is kept with the run."""

from __future__ import annotations

import pytest

from contemplate import Orchestrator, Question, ScriptedBackend, Settings
from contemplate.models.names import EMBEDDED
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec

KINDS: list[tuple[Question, int]] = [
    (Question(text="Why is the sky blue?", kind="text"), 640),
    (Question(text="Who?", kind="json", json_schema={"type": "object"}), 640),
    (Question(text="2 + 2?", kind="number"), 320),
    (Question(text="Which?", kind="choice", choices=("red", "blue")), 320),
    (Question(text="Is it?", kind="boolean"), 320),
    (Question(text="When?", kind="date"), 320),
    (Question(text="What is x?", kind="math"), 320),
    (Question(text="Which are?", kind="set"), 320),
]


def orchestrator(backend: ScriptedBackend, model: str = EMBEDDED, settings: Settings | None = None) -> Orchestrator:
    """One on an empty ledger."""
    return Orchestrator([model], backend=backend, ledger=":memory:", settings=settings)


async def asked(question: Question, model: str = EMBEDDED, settings: Settings | None = None) -> set[int]:
    """The `max_tokens` of every request of a debate, whose replay asks nothing more."""
    backend = ScriptedBackend(lambda _: 'Answer: {"a": 1}' if question.kind == "json" else "Answer: 4")
    async with orchestrator(backend, model, settings) as one:
        outcome = await one.solve(question, "multiagent-debate")
        made = len(backend.requests)
        replay = await one.replay(outcome.run)
    assert replay.difference is None
    assert len(backend.requests) == made
    return {request.sampling.max_tokens for request in backend.requests}


@pytest.mark.parametrize(("question", "expected"), KINDS, ids=lambda given: getattr(given, "kind", None))
async def test_an_embedded_model_may_write_more_where_the_answer_is_words(question: Question, expected: int) -> None:
    """A text or an object needs more room than a number or a letter."""
    assert {expected} == await asked(question)


@pytest.mark.parametrize(("question", "expected"), [(KINDS[0][0], 1024), (KINDS[2][0], 512), (KINDS[3][0], 512)])
@pytest.mark.parametrize("model", ["local/qwen2.5-coder-0.5b", "local/folder/mine.gguf"])
async def test_larger_embedded_models_may_write_more(model: str, question: Question, expected: int) -> None:
    """They reckon step by step, and to some purpose."""
    assert {expected} == await asked(question, model)


@pytest.mark.parametrize("question", [question for question, _ in KINDS[:3]], ids=lambda question: question.kind)
async def test_other_models_have_what_they_had(question: Question) -> None:
    """The kind changes nothing for them."""
    assert {2048} == await asked(question, "m")


async def test_settings_come_before_what_is_usual() -> None:
    """They count for every kind."""
    assert {50} == await asked(KINDS[0][0], settings=Settings(max_tokens=50))


@pytest.mark.parametrize(
    ("model", "question", "expected"),
    [(EMBEDDED, KINDS[0][0], 640), (EMBEDDED, KINDS[2][0], None), ("m", KINDS[0][0], None)],
)
async def test_a_spec_says_so_only_where_it_differs(model: str, question: Question, expected: int | None) -> None:
    """What is stored of other runs is as it was."""
    async with orchestrator(ScriptedBackend([]), model) as one:
        spec = one.specify(question, "single", RunOptions())

    assert expected == spec.model_dump(mode="json").get("local_max_tokens")
    assert spec == RunSpec.model_validate(spec.model_dump(mode="json"))


async def test_a_run_of_an_earlier_version_is_asked_as_it_was() -> None:
    """Its spec says nothing of it, and its requests keep their keys."""
    async with orchestrator(ScriptedBackend([])) as one:
        spec = one.specify(KINDS[0][0], "single", RunOptions())
    stored = spec.model_dump(mode="json")
    del stored["local_max_tokens"]
    earlier = RunSpec.stored("r", stored)

    assert [320, 640] == [each.sampling_of(EMBEDDED, each.cards["proposer"]).max_tokens for each in (earlier, spec)]
