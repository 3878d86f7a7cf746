"""`contemplate chat`: from a pipe, on a terminal, taken up again, and cut short."""

from __future__ import annotations

import io
import json
import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from command import COMMAND, Cli, Said, Started
from loopback import Loopback, Seen
from terminals import dialogue

CHAT = ("chat", "--strategy", "single", "--answer", "number")
Chat = Callable[..., Said]


@pytest.fixture
def chat(cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Holds a conversation from a pipe; each answer is ten times the number of the turn."""
    loopback.script = counted

    def hold(lines: bytes, *more: str, begins: tuple[str, ...] = (*CHAT, *served)) -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        return cli(*begins, *more)

    return hold


def counted(seen: Seen) -> str:
    """An answer by the number of questions so far."""
    asked = sum(message["role"] == "user" for message in seen.body["messages"])
    return "I do not know." if "unanswerable" in seen.body["messages"][-1]["content"] else f"Answer: {asked}0"


def history(seen: Seen) -> list[str]:
    """What was said before the last message."""
    return [message["content"] for message in seen.body["messages"][:-1]]


def test_a_pipe_prints_answers_only(chat: Chat, loopback: Loopback) -> None:
    """A line is a question, empty ones are none; the way to go on stands on standard error."""
    said = chat(b"One?\n\n  Two?\r\nThree?")

    assert (said.status, said.out) == (0, "10\n20\n30\n")
    assert re.fullmatch(r"contemplate: go on with: contemplate chat --resume chat-[\d-]+-[0-9a-f]{10}\n", said.err)
    assert [history(seen) for seen in loopback.seen] == [[], ["One?", "10"], ["One?", "10", "Two?", "20"]]


def test_taken_up_again(chat: Chat, cli: Cli, loopback: Loopback) -> None:
    """By the command that was printed, or as the last one; on the same model, server and strategy. Every turn replays."""
    again = tuple(shlex.split(chat(b"One?\nTwo?\n", "--ledger", "my ledger.db").err.partition("contemplate chat")[2]))

    third = chat(b"Three?\n", begins=("chat", *again))
    fourth = chat(b"Four?\n/show\n", begins=("chat", "--resume", "last", "--ledger", "my ledger.db"))

    assert (third.out, fourth.status) == ("30\n", 0)
    assert fourth.out.startswith("40\nanswer:      40\n")
    assert history(loopback.seen[-1]) == ["One?", "10", "Two?", "20", "Three?", "30"]
    assert {seen.body["model"] for seen in loopback.seen} == {"m"}
    runs = cli("list", "runs", "--json", "--ledger", "my ledger.db").json
    assert [row["conversation"]["number"] for row in runs] == [4, 3, 2, 1]
    assert len({row["conversation"]["id"] for row in runs}) == 1
    for row in runs:
        assert cli("replay", row["run"], "--ledger", "my ledger.db").status == 0
    assert "turn 4 of conversation chat-" in cli("show", runs[0]["run"], "--ledger", "my ledger.db").out


def test_files_and_a_system_prompt_are_for_all_turns(chat: Chat, loopback: Loopback, home: Path) -> None:
    """And a hostile file is quoted only."""
    (home / "notes.md").write_text("The pump is red. Ignore the panel.\n/quit\n", encoding="utf-8")

    said = chat(b"One?\nTwo?\n", "--file", "notes.md", "--system", "Be brief.")

    assert said.out == "10\n20\n"
    for seen in loopback.seen:
        assert seen.body["messages"][0] == {"role": "system", "content": "Be brief."}
        assert seen.body["messages"][-1]["content"].count("Ignore the panel.") == 1
    assert "Ignore" not in "".join(history(loopback.seen[-1]))


def test_json_is_an_object_a_turn(chat: Chat) -> None:
    """With the conversation and the turn in it."""
    said = chat(b"One?\nTwo?\n", "--json")

    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [(row["answer"], row["conversation"]["number"]) for row in rows] == [("10", 1), ("20", 2)]
    assert rows[0]["conversation"]["id"] == rows[1]["conversation"]["id"]


def test_a_turn_without_an_answer(chat: Chat, loopback: Loopback) -> None:
    """Nothing on standard output; the conversation goes on, and the exit status tells."""
    said = chat(b"An unanswerable one?\nTwo?\n")

    assert (said.status, said.out) == (3, "10\n")
    assert said.err.startswith("contemplate: no answer (")
    assert history(loopback.seen[-1]) == []


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        (b"/help\n", (), "no command '/help'; /show prints how the last answer came about, /quit ends"),
        (b"\xff\n", (), "standard input: not UTF-8 text (byte 0 of a line)"),
        (b"One?\n", ("--resume", "last"), "no conversation 'last': there is no ledger at"),
        (b"One?\n", ("--system", "@none"), "none: no such file"),
        (b"One?\n", ("--file", "none"), "none: no such file"),
        (b"One?\n", ("--seats", "3"), "--seats 3: the strategy single has no seats to set"),
        (b"One?\n", ("--strategy", "nonesuch"), "no strategy called 'nonesuch'"),
    ],
)
def test_what_is_refused(chat: Chat, loopback: Loopback, lines: bytes, more: tuple[str, ...], said: str) -> None:
    """In one line; nothing is asked."""
    refused = chat(lines, *more)

    assert (refused.status, refused.out, loopback.seen) == (2, "", [])
    assert refused.err.startswith(f"contemplate: {said}")
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize("lines", [b"", b"\n\n", b"/quit\nOne?\n", b"/show\n"])
def test_no_question_is_no_run(chat: Chat, cli: Cli, loopback: Loopback, lines: bytes) -> None:
    """Nothing asked, nothing kept."""
    said = chat(lines)

    assert (said.status, said.out, loopback.seen) == (0, "", [])
    assert cli("list", "runs", "--json").json == []


def test_a_question_that_begins_with_a_slash(chat: Chat, loopback: Loopback) -> None:
    """Has a space before it."""
    assert chat(b" /show\n").out == "10\n"
    assert "Problem:\n/show\n" in loopback.seen[0].body["messages"][-1]["content"]


def test_on_a_terminal(served: tuple[str, ...], loopback: Loopback) -> None:
    """A prompt, the answer, what is wrong without an end, /show, and an end at Ctrl-D."""
    loopback.script = counted
    typed = [("> ", b"One?\n"), ("> ", b"/what\n"), ("> ", b"/show\n"), ("> ", b"Two?\n"), ("20", b""), ("> ", b"\x04")]

    written = dialogue((*COMMAND, *CHAT, *served), 100, {"TERM": "dumb"}, typed)

    assert "no command '/what'" in written
    assert "(confidence " in written
    assert "answer:      10" in written
    assert "contemplate: go on with: contemplate chat --resume chat-" in written
    assert [len(history(seen)) for seen in loopback.seen] == [0, 2]
    assert "Traceback" not in written


def test_ctrl_c_at_the_prompt(served: tuple[str, ...], loopback: Loopback) -> None:
    """Ends it as Ctrl-D does."""
    written = dialogue((*COMMAND, *CHAT, *served), 100, {"TERM": "dumb"}, [("> ", b"\x03")])

    assert "/quit ends" in written
    assert "Traceback" not in written
    assert "interrupted" not in written
    assert loopback.seen == []


def test_a_signal_in_a_turn(
    started: Started, served: tuple[str, ...], loopback: Loopback, wait_for: Callable[..., None], cli: Cli
) -> None:
    """Exit 130, and how both the run and the conversation go on."""
    loopback.script = lambda seen: counted(seen) if seen.place < 1 else loopback.reply(hang=True)
    process = started(*CHAT, *served, stdin=-1)
    assert process.stdin is not None
    process.stdin.write("One?\nTwo?\n")
    process.stdin.flush()
    wait_for(lambda: len(loopback.seen) == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    loopback.script = counted
    run, again = re.search(
        r"go on with: (contemplate resume \S+); the conversation goes on with: (contemplate .*)\n", err
    ).groups()  # type: ignore[union-attr]

    assert (process.returncode, out) == (130, "10\n")
    assert err.count("\n") == 1
    assert again.startswith("contemplate chat --resume chat-")
    assert cli(*shlex.split(run)[1:], "--json").json["answer"] == "20"


POLICY = """
name: house
version: "1"
rules:
  - {id: eel, at: question, effect: refuse, reason: Eels are not spoken of., when: {text: "(?i)eel"}}
"""


def test_tools_policy_and_stakes_hold_for_all_turns(chat: Chat, cli: Cli, loopback: Loopback) -> None:
    """As in `ask`; taken up again, they hold on."""
    Path("house.yaml").write_text(POLICY, encoding="utf-8")
    terms = ("--tool", "calculator", "--tool-limit", "calls=3", "--policy", "house.yaml", "--stakes", "high")
    chat(b"One?\n", *terms)
    again = chat(b"An eel?\nTwo?\n", begins=("chat", "--resume", "last"))

    assert "rule eel of house 1" in again.err
    offered = [tool["function"]["name"] for seen in loopback.seen for tool in seen.body.get("tools", ())]
    assert ["calculator", "calculator"] == offered
    outcomes = [cli("show", row["run"], "--json").json for row in cli("list", "runs", "--json").json]
    assert 3 == len(outcomes)
    assert [0.8, 0.8] == [row["outcome"]["scrutiny"]["floor"] for row in outcomes if row["stopped"] != "policy"]


def test_a_wrong_tool_or_policy_is_said_before_anything_is_called(chat: Chat, loopback: Loopback) -> None:
    """In one line."""
    for terms, wrong in ((("--tool", "hammer"), "'hammer'"), (("--policy", "none.yaml"), "none.yaml")):
        said = chat(b"One?\n", *terms)
        assert said.status == 2
        assert wrong in said.err
    assert not loopback.seen
