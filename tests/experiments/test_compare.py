"""Experiments from plan to comparison: figures are those of the rows, paired and by clusters."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from contextlib import aclosing
from pathlib import Path

import pytest

from comparisons import ASKED, Agents, compared, questions, scores
from contemplate import Request
from contemplate.analysis.statistics import mcnemar, wilson
from contemplate.experiments import Row
from contemplate.experiments.rows import Turned, Verdicts
from contemplate.ledger import open_ledger


async def test_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    """Accuracy with Wilson's interval, McNemar's counts for each pair, calls and prices."""
    questions(tmp_path, 20)
    found = await compared(tmp_path, Agents(), ["self-consistency", "multiagent-debate"], baselines=["single"])

    assert [one.strategy for one in found.standings] == ["single", "self-consistency", "multiagent-debate"]
    for one in found.standings:
        mine = scores(found, one.strategy)
        assert (one.n, one.repeats, one.failed) == (20, 1, 0)
        assert one.accuracy.value == pytest.approx(sum(score or 0 for score in mine) / 20)
        assert one.interval == wilson(sum(score or 0 for score in mine), 20).interval
    assert [one.calls.mean for one in found.standings] == [1, 5, 6]
    for row in found.rows:
        assert row.usd == pytest.approx((row.prompt_tokens + 2 * row.completion_tokens) / 1e6)
    debate = next(pair for pair in found.pairs if {pair.first, pair.second} == {"self-consistency", "multiagent-debate"})
    ours = mcnemar([s or 0 for s in scores(found, debate.first)], [s or 0 for s in scores(found, debate.second)])
    assert debate.discordant == ours
    assert len(found.pairs) == 3
    assert all(pair.p <= pair.p_holm <= 1 for pair in found.pairs)
    assert "20 questions" in str(found.power)


async def test_flips_are_told(tmp_path: Path) -> None:
    """Of a debate: the first vote, what the talk mended and spoiled, and the rounds."""
    questions(tmp_path, 20)
    found = (await compared(tmp_path, Agents(), ["multiagent-debate"], baselines=[])).standings[0]

    assert found.flips is not None
    assert found.first is not None
    assert found.flips.n == 20
    assert found.accuracy.value - found.first == pytest.approx((found.flips.to_right - found.flips.to_wrong) / 20)
    assert len(found.rounds) == 2


async def test_seats_are_followed_by_round(tmp_path: Path) -> None:
    """What each made of its answer in each round, counted here from the ids of their turns; unreadable replies among them."""
    questions(tmp_path, 16)

    class Unclear(Agents):
        def answer(self, request: Request) -> str:
            said = super().answer(request)
            return "I can't say." if random.Random(f"unclear {request.key}").random() < 0.2 else said

    debate = {"use": "multiagent-debate", "set": {"rounds": 3, "seats": 3}}
    found = await compared(tmp_path, Unclear(), [debate], baselines=[])
    counted: list[Counter[str]] = [Counter(), Counter()]
    async with aclosing(await open_ledger(tmp_path / "ledger.db")) as ledger:
        for row in found.rows:
            said = {turn.id.split("/", 1)[1]: turn.answer for turn, _ in await ledger.turns(row.run) if "seat-" in turn.id}
            for seat in ("seat-1", "seat-2", "seat-3"):
                last = said[seat]
                for place, number in enumerate((1, 2)):
                    answer = said[f"{number}/{seat}"]
                    was, right = (one is not None and one.value == row.gold for one in (last, answer))
                    how = "lost" if answer is None else "stayed" if was == right else "to"
                    counted[place][f"{how}_{'right' if (was if answer is None else right) else 'wrong'}"] += 1
                    last = answer or last

    assert [Turned(**those) for those in counted] == list(found.standings[0].turned)
    assert len(counted[0] + counted[1]) == len(Turned.model_fields)


async def test_a_first_vote_that_was_tied_was_wrong(tmp_path: Path) -> None:
    """Two seats differ, and a judge finds the right one: the talk turned it to right. Where nobody finds one, it stayed wrong."""
    questions(tmp_path, 6)

    class Judged(Agents):
        def answer(self, request: Request) -> str:
            said = request.messages[-1].content
            own = [message.content for message in request.messages if message.role == "assistant"]
            asked = ASKED.search(" ".join(message.content for message in request.messages))
            assert asked is not None
            right, wrong = 2 * int(asked[1]), 100
            if "Choice:" not in said:
                return own[-1] if own else f"Answer: {wrong if request.draw else right}"
            knows = int(asked[1]) < 4
            return f"Choice: {'A' if not knows or said.index(f'Answer: {right}') < said.index(f'Answer: {wrong}') else 'B'}"

    tied = {"use": "contemplating-2026-11", "set": {"seats": 2, "audits": 0, "revise": "all", "verifications": 0}}
    found = (await compared(tmp_path, Judged(), [tied], baselines=[])).standings[0]

    assert found.flips is not None
    assert (found.first, found.accuracy.value) == (0.0, 4 / 6)
    assert (found.flips.to_right, found.flips.stayed_wrong) == (4, 2)


async def test_verdicts_are_held_against_right_and_wrong(tmp_path: Path) -> None:
    """Critics and verifiers of single answers, counted here from the ids of their turns."""
    questions(tmp_path, 20)
    found = (await compared(tmp_path, Agents(), ["contemplating-2026-11"], baselines=[])).standings[0]
    counted: Counter[tuple[str, str, bool]] = Counter()
    ledger = await open_ledger(tmp_path / "ledger.db")
    for record in await ledger.runs():
        turns = {turn.id: turn for turn, _ in await ledger.turns(record.run)}
        for name, turn in turns.items():
            if (seat := re.search(r"/(?:on|of)-(seat-\d)", name)) is None:
                continue
            revised = turns.get(f"3.revise/1/{seat[1]}") if turn.verb == "verify" else None
            about = (revised or turns[f"1.propose/{seat[1]}"]).answer
            assert about is not None
            counted[turn.verb, str(turn.verdict), about.text == record.spec["question"]["gold"]] += 1
    await ledger.aclose()

    assert set(found.verdicts) == {"critique", "verify"}
    for verb, verdicts in found.verdicts.items():
        assert verdicts.faulted_right == counted[verb, "flawed", True] > 0
        assert verdicts.passed_right == counted[verb, "sound", True] > 0
        assert verdicts.faulted_wrong == counted[verb, "flawed", False] > 0
        assert verdicts.passed_wrong == counted[verb, "sound", False] > 0
        assert verdicts.none == 0


async def test_a_critic_that_comes_to_nothing_has_no_verdict(tmp_path: Path) -> None:
    """What can't be read, and what fails, is counted apart."""
    questions(tmp_path, 6)

    class Mute(Agents):
        def answer(self, request: Request) -> str:
            return re.sub("Verdict: .*", "Well.", super().answer(request))

    found = (await compared(tmp_path, Mute(right=0.4), ["contemplating-2026-11"], baselines=[])).standings[0]

    audits = found.verdicts["critique"]
    assert audits.none > 0
    assert audits == Verdicts(none=audits.none)


async def test_repeats_are_no_new_questions(tmp_path: Path) -> None:
    """Each question's score is the mean of its repeats, which run with seeds of their own."""
    questions(tmp_path)
    found = await compared(tmp_path, Agents(), ["single"], repeats=4, baselines=[])
    one = found.standings[0]

    assert (one.n, one.repeats) == (12, 4)
    assert len({row.seed for row in found.rows}) == 4
    assert one.accuracy.value == pytest.approx(sum(row.score or 0 for row in found.rows) / 48)
    assert one.interval == one.accuracy.interval


async def test_groups_are_clusters(tmp_path: Path) -> None:
    """Questions of one group are not independent: the error is that of clusters, and pairs are tested by exchange of groups."""
    path = tmp_path / "sums.jsonl"
    rows = [
        {"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n), "group": f"g{n % 4}"}
        for n in range(20)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = await compared(tmp_path, Agents(), ["self-consistency"], baselines=["single"])

    assert {one.accuracy.clusters for one in found.standings} == {4}
    assert [pair.test for pair in found.pairs] == ["randomisation"]


async def test_tables_can_be_had(tmp_path: Path) -> None:
    """CSV that no spreadsheet runs, JSON, pandas."""
    questions(tmp_path, 3)
    found = await compared(tmp_path, Agents(), [{"use": "single", "name": "=1+1"}], baselines=[])
    found.write_csv(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()

    assert lines[0].split(",") == list(Row.model_fields)
    assert len(lines) == 4
    assert all(",'=1+1," in line for line in lines[1:])
    assert json.loads(json.dumps(found.to_dict()))["standings"][0]["n"] == 3
    frame = found.to_pandas()
    assert list(frame["score"]) == scores(found, "=1+1")


async def test_the_curve_is_that_of_the_votes(tmp_path: Path) -> None:
    """The largest vote has one: at one sample what its samples are worth on average, at all of them what it is worth itself."""
    questions(tmp_path, 12)
    ours = [{"use": "self-consistency", "set": {"seats": seats}, "name": f"v{seats}"} for seats in (3, 5)]
    found = await compared(tmp_path, Agents(), ours, baselines=[])
    small, large = found.standings
    rows = [row for row in found.rows if row.strategy == "v5"]
    shares = [sum(sample is not None and sample[1] == 1 for sample in row.samples) / 5 for row in rows]

    assert small.curve == ()
    assert len(large.curve) == 5
    assert all(row.rounds[0] == (round(5 * share), 5) for row, share in zip(rows, shares, strict=True))
    assert large.curve[0].value == pytest.approx(sum(shares) / 12, abs=0.1)
    assert large.curve[-1].value == pytest.approx(large.accuracy.value, abs=0.1)  # ties fall otherwise in other orders


async def test_votes_for_the_same_cost(tmp_path: Path) -> None:
    """Of a debate: the vote of as many samples as its tokens or its money buy, between whole numbers; none past the largest."""
    questions(tmp_path, 20)
    strategies = ["multiagent-debate", {"use": "self-consistency", "set": {"seats": 20}}]
    found = await compared(tmp_path, Agents(), strategies, baselines=["single"])
    debate, vote = found.standing("multiagent-debate"), found.standing("self-consistency (seats=20)")
    few = await compared(tmp_path, Agents(), ["multiagent-debate", "self-consistency"], baselines=[])

    assert [(one.strategy, one.unit) for one in found.equal_cost] == [("multiagent-debate", unit) for unit in ("tokens", "usd")]
    assert debate.usd is not None
    assert vote.usd is not None
    for one, mine, whole in zip(found.equal_cost, (debate.tokens, debate.usd), (vote.tokens, vote.usd), strict=True):
        assert one.samples == pytest.approx(20 * mine.mean / whole.mean)
        low = int(one.samples)
        ends = [vote.curve[low - 1].value, vote.curve[low].value]
        assert one.vote == pytest.approx(ends[0] + (one.samples - low) * (ends[1] - ends[0]))
        assert one.difference is not None
        assert one.difference.value == pytest.approx(debate.accuracy.value - (one.vote or 0))
    assert [(one.vote, one.difference) for one in few.equal_cost] == [(None, None)] * 2
    assert all(one.samples > 5 for one in few.equal_cost)
