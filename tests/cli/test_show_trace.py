"""`contemplate show --trace FILE`."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli

GOLDEN = Path(__file__).parents[1] / "golden" / "format-1" / "10-dylan.jsonl"


def test_a_trace_file_is_shown_as_the_run_is(cli: Cli, served: tuple[str, ...]) -> None:
    """The same words, and the same object but for the time of its making, which the file does not say."""
    run = cli("ask", "q", *served, "--trace", "asked.jsonl", "--json").json["run"]
    stored, file = cli("show", run), cli("show", "--trace", "asked.jsonl")
    stored_json, file_json = cli("show", run, "--json").json, cli("show", "--trace", "asked.jsonl", "--json").json

    assert (0, "") == (file.status, file.err)
    assert stored.out == file.out
    assert {**stored_json, "created": None} == file_json


def test_a_file_of_an_earlier_format_is_shown(cli: Cli) -> None:
    """Without a ledger."""
    said = cli("show", "--trace", str(GOLDEN))

    assert 0 == said.status
    assert said.out.startswith("run 20261128-203230-1a9e8f (agreement): dylan on m, n\n\nWhich of the two is a prime?\n")
    assert "\n=== 1.dylan/final  saw 1.dylan/1/seat-1, 1.dylan/1/seat-2, 1.dylan/1/seat-3\nplurality: B (3 for B)\n" in said.out
    assert "\nanswer: B (confidence 0.80, agreement)\n" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("plurality", "--trace", "t.jsonl"),
            "show either 'plurality' or the run in the file t.jsonl (--trace), not both at once",
        ),
        ((), "name a strategy, an agent, a rule or a run (contemplate list ...), or a trace file (--trace FILE)"),
        (("--trace", "none.jsonl"), "none.jsonl can't be read: No such file or directory"),
    ],
)
def test_what_is_wrong_is_one_line(cli: Cli, arguments: tuple[str, ...], told: str) -> None:
    """And the status is 2."""
    said = cli("show", *arguments)

    assert (2, "", f"contemplate: {told}\n") == (said.status, said.out, said.err)


def test_a_file_can_not_steer_the_terminal(cli: Cli, home: Path) -> None:
    """Whoever wrote it."""
    text = GOLDEN.read_text(encoding="utf-8").replace("Confidence: 95 %", "\\u001b[31mred").replace("1.dylan/1", "\\u001b[31m/1")
    (home / "t.jsonl").write_text(text.replace('"stopped": "', '"stopped": "\\u001b[31m'), encoding="utf-8")
    said = cli("show", "--trace", "t.jsonl")

    assert 0 == said.status
    assert "\x1b" not in said.out


def test_a_damaged_file_is_shown_as_far_as_it_is_whole(cli: Cli, home: Path) -> None:
    """Without `--partial` it is refused, and the refusal names the option; with it, standard error says what is missing."""
    whole = GOLDEN.read_bytes()
    (home / "t.jsonl").write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    refused, said = cli("show", "--trace", "t.jsonl"), cli("show", "--trace", "t.jsonl", "--partial")
    as_json = cli("show", "--trace", "t.jsonl", "--partial", "--json", "--measures").json

    assert (2, "") == (refused.status, refused.out)
    assert refused.err.endswith("the file ends here without an outcome: it was cut off (--partial opens what is whole)\n")
    assert 0 == said.status
    assert said.out.startswith("run 20261128-203230-1a9e8f (cut off): dylan on m, n\n")
    assert said.out.endswith("\nno outcome\n")
    missing = "there is no outcome: the file was cut off, or its last line is damaged"
    assert f"contemplate: t.jsonl: {missing}\n" == said.err
    assert [missing] == as_json["missing"]
    assert as_json["outcome"] is None
    assert (
        "--format markdown: t.jsonl has no outcome" in cli("show", "--trace", "t.jsonl", "--partial", "--format", "markdown").err
    )


def test_partial_is_of_trace_files(cli: Cli) -> None:
    """A run in the ledger is shown as far as it is, anyway."""
    told = "contemplate: --partial is of a trace file (--trace FILE): a run in a ledger is shown as far as it is\n"
    assert told == cli("show", "plurality", "--partial").err
    assert told == cli("view", "last", "--partial").err
