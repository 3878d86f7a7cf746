"""Questions with attachments: who is sent them, who is shown a reading, what is stored, and what becomes of it later."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from attached import a_film, a_picture, a_sound
from contemplate import InputError, Message, Model, Orchestrator, Outcome, Question, Request, ScriptedBackend
from contemplate.attachments import Line, PartReading
from contemplate.errors import ModelNotAllowedError, RejectedError
from contemplate.orchestration import attaching
from contemplate.orchestration.conversation import Conversation
from contemplate.orchestration.options import RunOptions
from contemplate.trace.markdown import Report, page
from contemplate.types import Attachment, Text
from loopback import Loopback, Reply, Seen
from pdfs import a_pdf

pytest.importorskip("pypdfium2")
pytest.importorskip("PIL")

NOTES = a_pdf(["The left pump is red."])
SEES, BLIND = Model("m/sees", accepts=["image"]), Model("m/blind", accepts=["text"])


def answering(asked: list[Request], reply: str = "Verdict: sound\nChoice: A\nAnswer: 42") -> ScriptedBackend:
    """Agents that say the same, and remember what they were asked."""

    def say(request: Request) -> str:
        asked.append(request)
        return reply

    return ScriptedBackend(say)


def views(outcome: Outcome[Any]) -> dict[str, list[str]]:
    """How each model was shown what there was."""
    return {turn.model: [view.view for view in turn.views] for turn in outcome.trace.turns if turn.seat}


@pytest.mark.parametrize("strategy", ["multiagent-debate", "verify-refine", "chain-of-verification", "council"])
async def test_who_takes_a_page_is_sent_it_and_others_read_its_words(strategy: str) -> None:
    """In every call of a strategy; the run replays from the ledger alone."""
    asked: list[Request] = []
    backend = answering(asked, "1. Is it so?\nVerdict: sound\nFinal ranking: A\nChoice: A\nAnswer: 42")
    async with Orchestrator([SEES, BLIND], backends={"m/*": backend}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What is 6 * 7?", strategy, answer="number", attachments=[NOTES])
        calls = len(asked)
        replay = await orchestrator.replay(outcome.run)

    assert (outcome.answer, replay.identical, len(asked)) == ("42", True, calls)
    for request in asked:
        blobs = [blob for message in request.messages for blob in message.blobs]
        text = "\n".join(message.text for message in request.messages)
        if request.model == "m/sees":
            assert [blob.mime for blob in blobs] == ["image/png"]
            assert "The left pump is red." not in text
        else:
            assert not blobs
            assert text.count("The left pump is red.") == 1
            assert "These are the words that stand in it as text." in text
    assert views(outcome).items() <= {"m/sees": ["itself"], "m/blind": ["reading"]}.items()


async def test_it_is_stored_once_and_filled_in_when_it_is_sent(tmp_path: Path) -> None:
    """No stored request holds the bytes; what is sent does."""
    asked: list[Request] = []
    async with Orchestrator([SEES], backends={"m/*": answering(asked)}, ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "multiagent-debate", answer="number", attachments=[NOTES])
        (blob,) = {blob for request in asked for message in request.messages for blob in message.blobs}
        kept = await orchestrator.ledger.blob(blob.sha256)
        stored = [await orchestrator.ledger.request(call.key) for turn in outcome.trace.turns for call in turn.calls]

    assert kept is not None
    assert (blob.sha256, blob.content, blob.size) == (hashlib.sha256(kept).hexdigest(), kept, len(kept))
    assert len(stored) > 3
    assert not any(one.content for request in stored if request for message in request.messages for one in message.blobs)
    assert base64.b64encode(kept)[:60] not in (tmp_path / "l.db").read_bytes()


async def test_over_http_in_the_form_of_the_protocol(loopback: Loopback) -> None:
    """A server that checks the parts gets a picture and a sound, whole and in their places."""

    def verify(seen: Seen) -> str:
        content = seen.body["messages"][-1]["content"]
        url, sound = content[1]["image_url"]["url"], content[3]["input_audio"]
        assert [part["type"] for part in content] == ["text", "image_url", "text", "input_audio", "text"]
        assert base64.b64decode(url.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
        assert (base64.b64decode(sound["data"])[8:12], sound["format"]) == (b"WAVE", "wav")
        return "Answer: 42"

    loopback.script = verify
    model = Model("omni", loopback.url, accepts=["image", "audio"])
    async with Orchestrator([model], ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "single", answer="number", attachments=[a_picture("x"), a_sound()])

    assert outcome.answer == "42"
    assert [part.thumbnail[:23] for one in outcome.question.attachments for part in one.parts] == ["data:image/jpeg;base64,", ""]


async def test_what_a_server_refuses_is_learned(loopback: Loopback) -> None:
    """It is sent the page once, and from then on its words; that costs one call, and no answer."""

    def refuse(seen: Seen) -> Reply | str:
        if isinstance(seen.body["messages"][-1]["content"], list):
            return Reply(status=500, body=b'{"error": {"message": "image input is not supported - you may need the mmproj"}}')
        return "Answer: 42"

    loopback.script = refuse
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        first = await orchestrator.solve(
            "6 * 7?", "self-consistency", answer="number", attachments=[NOTES], parameters={"seats": 1}
        )
        second = await orchestrator.solve(
            "7 * 6?", "self-consistency", answer="number", attachments=[NOTES], parameters={"seats": 3}
        )
        replay = await orchestrator.replay(first.run)

    kinds = [type(seen.body["messages"][-1]["content"]) for seen in loopback.seen]
    assert kinds == [list, *[str] * (len(kinds) - 1)]
    assert (first.answer, second.answer, replay.identical) == ("42", "42", True)
    assert views(first) == {"m": ["reading"]}


async def test_an_error_of_another_kind_is_no_sign_of_blindness(loopback: Loopback) -> None:
    """A picture that is found fault with is sent again as it is, and not as words."""
    loopback.script = Reply(status=400, body=b'{"error": {"message": "image is too large: at most 5 MB"}}')
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "single", answer="number", attachments=[NOTES])

    assert outcome.answer is None
    assert {type(seen.body["messages"][-1]["content"]) for seen in loopback.seen} == {list}


async def test_a_reading_is_made_once_for_all_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are blind; a film's frames are read together."""
    made: list[int] = []

    async def readings(contents: list[bytes], *_: object) -> list[PartReading]:
        made.append(len(contents))
        return [PartReading((Line(f"words {number}", 0.9),), "a program") for number, _ in enumerate(contents)]

    monkeypatch.setattr(attaching, "readings", readings)
    monkeypatch.setattr(attaching, "reads", lambda _: True)
    asked: list[Request] = []
    async with Orchestrator([BLIND, SEES], backends={"m/*": answering(asked)}, ledger=":memory:") as orchestrator:
        options = {"answer": "number", "attachments": [a_film(), a_picture("x")], "parameters": {"seats": 4}}
        outcome = await orchestrator.solve("6 * 7?", "self-consistency", **options)  # type: ignore[call-overload]

    assert made == [9]
    blind = [request.messages[-1].text for request in asked if request.model == "m/blind"]
    assert all(text.count("what a program (a program) read in it") == 9 and "words 8" in text for text in blind)
    assert views(outcome) == {"m/sees": ["itself", "itself"], "m/blind": ["reading", "reading"]}


async def test_without_a_reader_who_is_blind_can_t_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said before anything is called, with what to install."""
    monkeypatch.setattr(attaching, "reads", lambda _: False)
    asked: list[Request] = []
    async with Orchestrator([SEES, BLIND], backends={"m/*": answering(asked)}, ledger=":memory:") as orchestrator:
        with pytest.raises(InputError, match=r"takes no image; RapidOCR reads it then: pip install 'contemplate-ai\[vision\]'"):
            await orchestrator.solve("6 * 7?", "council", answer="number", attachments=[a_picture("x")])
        seeing = await orchestrator.solve("6 * 7?", "single", answer="number", attachments=[NOTES])
    assert not [request for request in asked if request.model == "m/blind"]
    assert seeing.answer == "42"


async def test_a_fallback_gets_what_it_takes() -> None:
    """Who sees fails, and who steps in reads."""

    def say(request: Request) -> str | Exception:
        return RejectedError("no") if request.model == "m/sees" else "Answer: 42"

    async with Orchestrator([SEES], fallbacks=[BLIND], backends={"m/*": ScriptedBackend(say)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "single", answer="number", attachments=[NOTES])

    assert views(outcome) == {"m/blind": ["reading"]}


async def test_resumed_forked_and_talked_on(tmp_path: Path) -> None:
    """The file is not needed again: what was opened is in the ledger."""
    asked: list[Request] = []
    path = tmp_path / "l.db"
    (tmp_path / "notes.pdf").write_bytes(NOTES)
    async with Orchestrator([SEES, BLIND], backends={"m/*": answering(asked)}, ledger=path) as orchestrator:
        talk = Conversation(orchestrator, "council", answer="number", attachments=[str(tmp_path / "notes.pdf")])
        first = await talk.ask("6 * 7?")
        (tmp_path / "notes.pdf").unlink()
        second = await talk.ask("And again?")
    async with Orchestrator(backends={"m/*": answering(asked)}, ledger=path) as orchestrator:
        taken_up = await Conversation.resume(orchestrator)
        third = await taken_up.ask("And once more?")
        forked = await orchestrator.fork(first.run, without_seats=(2,))
        resumed = await orchestrator.resume(first.run)

    for outcome in (first, second, third, forked, resumed):
        assert outcome.answer == "42"
        assert outcome.question.attachments == first.question.attachments
        assert views(outcome)["m/sees"] == ["itself"]


async def test_a_private_attachment_makes_the_run_private() -> None:
    """Its label is that of the run: a model that may not see it is refused by name before anything is called."""
    asked: list[Request] = []
    attachment = Attachment.from_bytes(NOTES, "notes.pdf", privacy="local")
    async with Orchestrator([SEES], backends={"m/*": answering(asked)}, ledger=":memory:") as orchestrator:
        with pytest.raises(ModelNotAllowedError, match=r"attachment 'notes\.pdf' is labelled local"):
            await orchestrator.solve("6 * 7?", "single", answer="number", attachments=[attachment])
    assert not asked


async def test_the_page_in_markdown_says_who_saw_and_who_read() -> None:
    """By seat and model."""
    async with Orchestrator([SEES, BLIND], backends={"m/*": answering([])}, ledger=":memory:") as orchestrator:
        named = Attachment.from_bytes(NOTES, "notes.pdf")
        outcome = await orchestrator.solve(
            "6 * 7?", "self-consistency", answer="number", attachments=[named], parameters={"seats": 2}
        )

    told = page(Report.of(outcome))
    assert "attachment notes.pdf: application/pdf" in told
    assert "notes.pdf: seen by seat-1 (m/sees)" in told
    assert "; read by the file to seat-2 (m/blind)" in told


async def test_what_is_refused() -> None:
    """Before anything is called, in one line."""
    stored = Question(text="?", attachments=[NOTES]).model_dump(mode="json")
    async with Orchestrator([SEES], backends={"m/*": answering([])}, ledger=":memory:") as orchestrator:
        for given, said in (
            ([NOTES] * 17, "17 attachments; a question has at most 16"),
            ([b"words"], "no PNG, JPEG"),
            (["/no/such.png"], "no such file"),
            ("chart.png", "attachments"),
        ):
            with pytest.raises(InputError, match=said):
                await orchestrator.solve("6 * 7?", "single", attachments=given)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="has no bytes"):
            await orchestrator.solve(Question.model_validate(stored), "single")
    with pytest.raises(InputError, match=r"for a file give Path\(...\)"):
        Question(text="?", attachments=["/etc/passwd"])


async def test_a_question_without_them_is_stored_and_asked_as_before() -> None:
    """So keys and ledgers stay."""
    asked: list[Request] = []
    async with Orchestrator(["m"], backend=answering(asked), ledger=":memory:") as orchestrator:
        spec = orchestrator.specify(Question(text="6 * 7?", kind="number"), "single", RunOptions())
        await orchestrator.solve(Question(text="6 * 7?", kind="number"), "single")

    assert "attachments" not in spec.model_dump(mode="json")["question"]
    assert all(isinstance(message.content, str) for request in asked for message in request.messages)
    assert Message(role="user", content=(Text(text="x"),)).blobs == ()


async def test_what_a_fork_would_take() -> None:
    """Found out with scripted agents, that are shown what the real models would be; nothing is sent."""
    asked: list[Request] = []
    async with Orchestrator([SEES, BLIND], backends={"m/*": answering(asked)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "council", answer="number", attachments=[NOTES])
        calls = len(asked)
        estimate = await orchestrator.estimate_fork(outcome.run, without_seats=(2,))

    assert calls == len(asked)
    assert 0 < estimate.calls[0] <= estimate.calls[1]
