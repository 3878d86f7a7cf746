"""Labels of privacy: their order, what a model has where nobody says so, and where they are kept."""

from __future__ import annotations

import pytest

from contemplate import Document, Model, Orchestrator, Question, ScriptedBackend
from contemplate.errors import InputError
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import PRIVACY, Privacy, may_see, strictest


def test_order_of_labels() -> None:
    """Local is stricter than eu, eu than any; a model sees what is no stricter than it is."""
    seen = {(model, words) for model in PRIVACY for words in PRIVACY if may_see(model, words)}
    assert seen == {("local", "local"), ("local", "eu"), ("local", "any"), ("eu", "eu"), ("eu", "any"), ("any", "any")}
    assert ("any", "eu", "local") == (strictest(), strictest("any", "eu"), strictest("eu", "local", "any"))


@pytest.mark.parametrize(
    ("model", "label"),
    [
        (Model("local/smollm2"), "local"),
        (Model("m", "http://localhost:8000/v1"), "local"),
        (Model("m", "http://localhost:8000/v1", privacy="any"), "any"),
        (Model("m", "http://localhost:8000/v1", local=False), "any"),
        (Model("m", "http://10.0.0.7:8000/v1"), "any"),
        (Model("m", "http://10.0.0.7:8000/v1", local=True), "local"),
        (Model("m", "http://localhost.example.org/v1"), "any"),
        (Model("ollama/qwen3"), "local"),
        (Model("mistral/large"), "any"),
        (Model("mistral/large", privacy="eu"), "eu"),
    ],
)
def test_label_of_a_model(model: Model, label: Privacy) -> None:
    """As it is set, else "local" on this machine, else "any"."""
    assert label == Orchestrator([model]).privacy_of(model.called)


def test_a_backend_of_one_s_own_counts_as_any() -> None:
    """Nobody knows where it sends things, whatever the model is called."""
    assert Orchestrator([], backend=ScriptedBackend("?")).privacy_of("local/smollm2") == "any"


def test_a_run_s_address_counts() -> None:
    """A plain name is at the address of the run."""
    assert Orchestrator(["m"], base_url="http://127.0.0.1:1/v1").privacy_of("m") == "local"
    assert Orchestrator(["m"], base_url="https://example.org/v1").privacy_of("m") == "any"


def test_the_label_stands_in_the_spec_where_it_is_used() -> None:
    """And nowhere else: what was stored before stays as it was."""
    plain = Orchestrator([Model("local/smollm2")]).specify("1?", "single", RunOptions())
    private = Orchestrator(["local/smollm2"]).specify("1?", "single", RunOptions(privacy="local"))
    labelled = Orchestrator([Model("m", "https://example.org/v1", privacy="eu")]).specify(
        "1?", "single", RunOptions(privacy="eu")
    )

    assert "privacy" not in plain.model_dump_json()
    assert private.model_dump(mode="json")["question"]["privacy"] == "local"
    assert RunSpec.stored("r", labelled.model_dump(mode="json")).routes["m"].privacy == "eu"
    assert Question(text="1?", documents=(Document(name="a", text="b"),)).model_dump_json().count("privacy") == 0


def test_the_stricter_of_two_labels_holds() -> None:
    """Of the question and of the option; of the question and its documents."""
    orchestrator = Orchestrator(["local/smollm2"])
    for own, option in (("local", "any"), ("any", "local"), ("eu", "local")):
        spec = orchestrator.specify(Question(text="1?", privacy=own), "single", RunOptions(privacy=option))
        assert spec.privacy == "local"
    document = Document(name="a", text="b", privacy="eu")
    assert orchestrator.specify("1?", "single", RunOptions(documents=[document])).privacy == "eu"


@pytest.mark.parametrize("given", ["private", "", 3])
def test_what_is_no_label_is_refused(given: object) -> None:
    """In one line."""
    for make in (
        lambda: RunOptions(privacy=given),  # type: ignore[arg-type]
        lambda: Question(text="1?", privacy=given),  # type: ignore[arg-type]
        lambda: Model("m", privacy=given),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError, match="privacy"):
            make()


async def test_a_label_changes_no_key() -> None:
    """The same words with a label are answered from the ledger, also where documents and others are quoted."""
    backend = ScriptedBackend(lambda _: "Answer: 1\nFinal ranking: A, B")
    documents = [Document(name="a.md", text="One and none.", privacy=label) for label in ("any", "local")]
    async with Orchestrator([Model("m", privacy="local")], backend=backend, ledger=":memory:") as orchestrator:
        for document in documents:
            await orchestrator.solve(
                "1 + 0?", "council", answer="number", documents=[document], history=[], privacy=document.privacy
            )
        asked = [request.key for request in backend.requests]
        plain = await orchestrator.solve("1 + 0?", "council", answer="number")
        private = await orchestrator.solve("1 + 0?", "council", answer="number", privacy="eu")
    assert len(asked) == 9
    assert (9, 0) == (plain.usage.calls, private.usage.calls)
