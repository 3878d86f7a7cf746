"""`verify-refine` (arXiv:2507.15855): grade and correct, until five verifications in a row accept, or ten reject."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from contemplate import Request
from contemplate.errors import RejectedError
from stage import Show, Stage

ONE = {"runs": 1}
CAST = {
    "rigorous-solver": ["SOLVED Answer: 1"],
    "improver": ["IMPROVED Answer: 1"],
    "grader": [f"REPORT-{number}" for number in range(40)],
    "corrector": [f"CORRECTED-{number} Answer: {number}" for number in range(2, 40)],
}


def verdicts(*words: str) -> list[str]:
    """A reader's replies, taken in turn."""
    return [f"Verdict: {word}" for word in words]


def counts(show: Show) -> list[tuple[int, int]]:
    """Passes and fails in a row as each reading of the stop test put them on record, for one run."""
    decisions = [turn.decision for turn in show.outcome.trace.turns if turn.verb == "until"]
    rows = [decision.tally[0] for decision in decisions if decision]
    return [(row.votes, round(row.shares["fails"] * 10)) for row in rows]


async def test_solve_improve_grade_read(stage: Stage) -> None:
    """The solver goes over its own solution in the same conversation; the grader sees the improved one, the reader the report."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("yes")}, set=ONE)

    assert show.roles == ["rigorous-solver", "improver", *["grader", "verdict-reader"] * 5]
    assert "SOLVED" in show.shown("2.revise/seat-1")
    graded = show.shown("3.verify/seat-1/of-seat-1")
    assert [mark in graded for mark in ("IMPROVED", "SOLVED")] == [True, False]
    read = show.shown("3.verify/verdict-reader/of-seat-1-by-seat-1")
    assert [mark in read for mark in ("REPORT-0", "IMPROVED")] == [True, False]
    assert show.sources("3.verify/verdict-reader/of-seat-1-by-seat-1") == ["3.verify/seat-1/of-seat-1"]
    assert (show.answer, show.outcome.stopped, show.decision.rule) == ("1", "accepted", "accepted")


async def test_a_solution_that_holds_is_verified_again_unchanged(stage: Stage) -> None:
    """Five in a row accept, the first one counts; nothing is corrected in between."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("yes")}, set=ONE)

    assert counts(show) == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]
    assert all(show.sources(turn) == ["2.revise/seat-1"] for turn in show.ids("verify") if turn.endswith("seat-1/of-seat-1"))


async def test_the_corrector_sees_its_solution_and_the_report(stage: Stage) -> None:
    """Neither the verdict's words, nor earlier solutions and reports."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("no", "no", *["yes"] * 5)}, set=ONE)

    second = show.shown("4.revise/2/seat-1")
    assert [mark in second for mark in ("CORRECTED-2", "REPORT-1", "IMPROVED", "REPORT-0", "Verdict: no")] == [True] * 2 + [
        False
    ] * 3
    assert show.saw("4.revise/2/seat-1") == [("4.revise/1/seat-1", "revised"), ("5.verify/1/seat-1/of-seat-1", "saw")]
    assert show.answer == "3"
    assert show.roles.count("corrector") == 2


async def test_a_fail_takes_the_passes_back_to_none(stage: Stage) -> None:
    """Four in a row are not enough, and those before a fail do not count."""
    words = ["yes"] * 4 + ["no"] + ["yes"] * 5
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts(*words)}, set=ONE)

    assert counts(show) == [(1, 0), (2, 0), (3, 0), (4, 0), (0, 1), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]
    assert (show.answer, show.outcome.stopped) == ("2", "accepted")


async def test_ten_in_a_row_reject(stage: Stage) -> None:
    """The tenth is not corrected any more; there is no answer, and the reason says why."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("no")}, set=ONE)

    assert show.roles.count("grader") == 10
    assert show.roles.count("corrector") == 9
    assert (show.answer, show.outcome.stopped) == (None, "rejected")
    assert show.outcome.detail == "every reply was rejected 10 times in a row"


async def test_after_the_last_round_nothing_is_accepted(stage: Stage) -> None:
    """One verification, then as many as there are rounds; a solution that swings is no answer."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("yes", "no")}, set={**ONE, "rounds": 7})

    assert show.roles.count("grader") == 8
    assert (show.answer, show.outcome.stopped) == (None, "completed")
    assert show.outcome.detail == "no reply was accepted 5 times in a row (at most 0 at the end)"


async def test_the_last_round_can_accept(stage: Stage) -> None:
    """What the last verification says counts."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("yes")}, set={**ONE, "rounds": 4})

    assert (show.answer, show.outcome.stopped) == ("1", "accepted")


@pytest.mark.parametrize(("settings", "graded"), [({"passes": 2}, 2), ({"passes": 1, "rounds": 3}, 1)])
async def test_passes_can_be_set(stage: Stage, settings: dict[str, int], graded: int) -> None:
    """So many in a row accept."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("yes")}, set={**ONE, **settings})

    assert show.roles.count("grader") == graded
    assert show.answer == "1"


async def test_fails_can_be_set(stage: Stage) -> None:
    """So many in a row reject."""
    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts("no")}, set={**ONE, "fails": 3})

    assert show.roles.count("grader") == 3
    assert show.outcome.stopped == "rejected"


async def test_runs_go_on_side_by_side_and_never_meet(stage: Stage) -> None:
    """Each run's solver, grader and corrector see its own solution only; the first one accepted ends it for all."""
    solutions = ["RUN-A Answer: 1", "RUN-B Answer: 2", "RUN-C Answer: 3"]

    def improved(request: Request) -> str:
        said = request.messages[-2].content
        return f"{said} again"

    def reading(request: Request) -> str:
        return "Verdict: yes" if "ABOUT-B" in request.messages[-1].content else "Verdict: no"

    def grade(request: Request) -> str:
        said = request.messages[-1].content
        return next(f"ABOUT-{run}" for run in "ABC" if f"RUN-{run}" in said)

    def correct(request: Request) -> str:
        said = request.messages[-1].content
        return next(f"RUN-{run} Answer: {run_number}" for run_number, run in enumerate("ABC", 1) if f"RUN-{run}" in said)

    show = await stage(
        "verify-refine",
        {"rigorous-solver": solutions, "improver": improved, "grader": grade, "verdict-reader": reading, "corrector": correct},
        set={"runs": 3},
    )

    for turn in [turn for turn in show.outcome.trace.turns if turn.seat and turn.status == "said"]:
        told = show.shown(turn.id)
        assert sum(f"RUN-{run}" in told or f"ABOUT-{run}" in told for run in "ABC") <= 1
    assert (show.answer, show.outcome.stopped) == ("2", "accepted")
    assert show.roles.count("grader") == 15
    assert show.roles.count("corrector") == 8
    assert {row.seats: row.votes for row in show.decision.tally} == {("seat-1",): 0, ("seat-2",): 5, ("seat-3",): 0}


async def test_a_rejected_run_is_left_alone_while_others_go_on(stage: Stage) -> None:
    """Who is out is neither graded nor corrected; whoever is left can still be accepted."""
    solutions = ["RUN-A Answer: 1", "RUN-B Answer: 2"]
    readings = {"A": iter(["no"] * 40), "B": iter(["no", *["yes"] * 40])}

    def grade(request: Request) -> str:
        return f"ABOUT-{'A' if 'RUN-A' in request.messages[-1].content else 'B'}"

    def reading(request: Request) -> str:
        return f"Verdict: {next(readings['A' if 'ABOUT-A' in request.messages[-1].content else 'B'])}"

    def same(request: Request) -> str:
        said = "".join(message.content for message in request.messages)
        return solutions["RUN-B" in said]

    show = await stage(
        "verify-refine",
        {"rigorous-solver": solutions, "improver": same, "grader": grade, "verdict-reader": reading, "corrector": same},
        set={"runs": 2, "fails": 2},
    )

    assert sum("ABOUT-A" in turn.text for turn in show.outcome.trace.turns if turn.text and turn.card == "grader") == 2
    assert (show.answer, show.outcome.stopped) == ("2", "accepted")


async def test_a_verification_that_failed_neither_accepts_nor_rejects(stage: Stage) -> None:
    """The count stands, and the solution is verified again, not corrected."""
    replies = iter(["yes", "yes", None, "yes", "yes", "yes"])

    def read(_: Request) -> str | Exception:
        word = next(replies)
        return RejectedError("gone") if word is None else f"Verdict: {word}"

    show = await stage("verify-refine", {**CAST, "verdict-reader": read}, set=ONE)

    assert counts(show) == [(1, 0), (2, 0), (2, 0), (3, 0), (4, 0), (5, 0)]
    assert "corrector" not in show.roles
    assert show.outcome.stopped == "accepted"


async def test_a_correction_that_failed_leaves_the_solution_before_it(stage: Stage) -> None:
    """It is graded again, and corrected with the new report."""
    replies = iter([RejectedError("gone"), "CORRECTED Answer: 9"])
    show = await stage(
        "verify-refine",
        {**CAST, "corrector": lambda _: next(replies), "verdict-reader": verdicts("no", "no", *["yes"] * 5)},
        set=ONE,
    )

    assert show.sources("5.verify/1/seat-1/of-seat-1") == ["2.revise/seat-1"]
    assert "REPORT-1" in show.shown("4.revise/2/seat-1")
    assert show.answer == "9"


# --- the recorded run -------------------------------------------------------------------------------------


def recorded(data: Path) -> tuple[list[str], list[tuple[int, int]], int]:
    """The verdicts of a recorded run of the authors' program, its printed counts, and how often it corrected."""
    path = data / "verify_refine_log" / "problem1_run.log.gz"
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    words = re.findall(r'^>>>>>>> Is verification good\?\s*\n"?(yes|no)', text, re.M | re.I)
    printed = re.findall(r"^Number of iterations: \d+, number of corrects: (\d+), number of errors: (\d+)", text, re.M)
    return [word.lower() for word in words], [(int(c), int(e)) for c, e in printed], text.count("does not pass, correcting")


def as_printed(ours: Sequence[tuple[int, int]], words: Sequence[str]) -> list[tuple[int, int]]:
    """Our counts as the program prints them: it starts with one pass, and counts a fail only when it comes to correct it."""
    late = [ours[number] if word == "yes" else ours[number - 1] for number, word in enumerate(words) if number]
    return [(1, 0), *late]


async def test_the_recorded_run_counts_the_same(stage: Stage, data: Path) -> None:
    """Driven with the verdicts of the recorded run, the counts, the corrections and the end are those of the program."""
    words, printed, corrections = recorded(data)
    assert len(words) == 9

    show = await stage("verify-refine", {**CAST, "verdict-reader": verdicts(*words)}, set=ONE)

    ours = counts(show)
    assert len(ours) == len(words)
    assert as_printed(ours, words)[: len(printed)] == printed
    assert ours[-1] == (5, 0)
    assert show.roles.count("corrector") == corrections
    assert show.outcome.stopped == "accepted"
