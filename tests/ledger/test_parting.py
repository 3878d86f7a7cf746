"""Long messages are stored once, however many requests hold them, and come back as they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import Document, Orchestrator, Question, ScriptedBackend
from contemplate.errors import StorageError
from contemplate.ledger import SQLiteLedger
from contemplate.ledger.parting import LONG, parted, put_together
from contemplate.types import Blob, Completion, Message, Request, Sampling, Text

any_text = st.text(st.characters(codec=None, categories=None), max_size=40).flatmap(lambda text: st.sampled_from([text, text * 40, text + "x" * LONG]))
messages = st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=any_text)
requests = st.builds(
    Request,
    model=st.sampled_from(["m", '"messages":[]', "openai/gpt"]),
    messages=st.lists(messages, max_size=4).map(tuple),
    sampling=st.builds(Sampling, stop=st.sampled_from([(), ('"messages":[]',)])),
    draw=st.integers(0, 5),
)


@given(requests)
def test_any_request_comes_back(request: Request) -> None:
    """Also with half a surrogate pair in it, or a text that looks like what it is stored as."""
    stored, apart = parted(request)
    back = put_together(stored, apart.get)
    assert back == request
    assert back.key == request.key
    assert len(apart) == len({message for message in request.messages if len(message.canonical) >= LONG})


def test_parts_come_back() -> None:
    """A message of several parts is a message."""
    blob = Blob(sha256="0" * 64, mime="image/png", size=3)
    request = Request(model="m", messages=(Message(role="user", content=(Text(text="y" * LONG), blob)),))
    stored, apart = parted(request)
    assert len(apart) == 1
    assert put_together(stored, apart.get) == request


def test_one_that_is_gone_is_said() -> None:
    """It is never left out silently."""
    stored, _ = parted(Request(model="m", messages=(Message(role="user", content="z" * LONG),)))
    with pytest.raises(StorageError, match="is not in the ledger"):
        put_together(stored, lambda _: None)


async def test_whole_requests_of_earlier_ledgers_are_read(tmp_path: Path) -> None:
    """They stay as they are."""
    request = Request(model="m", messages=(Message(role="user", content="w" * LONG),))
    ledger = await SQLiteLedger.open(tmp_path / "l.db")
    await ledger.adopt([(request, Completion(text="a"))])
    with closing(sqlite3.connect(tmp_path / "l.db")) as database, database:
        database.execute("UPDATE completions SET request = ?", (request.model_dump_json(),))
        database.execute("DELETE FROM messages")
    assert await ledger.request(request.key) == request
    await ledger.aclose()


async def test_a_document_is_stored_once(tmp_path: Path) -> None:
    """A ledger grows with what is said, and not with how many are told: twice the seats add less than the document has."""
    document = Document(name="notes.md", text="A line of the notes.\n" * 3_000)
    sizes = []
    for seats in (4, 16):
        file = tmp_path / f"{seats}.db"
        async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 1"), ledger=file) as orchestrator:
            question = Question(text="How many?", kind="number", documents=(document,))
            outcome = await orchestrator.solve(question, "self-consistency", parameters={"seats": seats})
            assert (await orchestrator.replay(outcome.run)).difference is None
        with closing(sqlite3.connect(file)) as database:
            sizes.append(sum(len(row[0]) for row in database.execute("SELECT request FROM completions")))
            assert database.execute("SELECT count(*) FROM messages WHERE length(message) > 60000").fetchone() == (1,)
    assert sizes[1] < 16 * 1_000
