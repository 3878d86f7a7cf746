"""Layers and populations: `mixture-of-agents`, `self-moa`, `recursive-aggregation`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from contemplate import Completion, Request
from contemplate.errors import RecipeError
from stage import Stage

WORD = re.compile(r"\b([A-Z]+)-(\d+)\b")


def marked(name: str) -> Callable[[Request], str]:
    """Replies that hold a word of their own, numbered by draw: NAME-0, NAME-1, ..."""
    return lambda request: f"{name}-{request.draw} says so.\nAnswer: {request.draw}"


def words(text: str) -> list[str]:
    """The words of other replies in a prompt, in the order in which they stand there."""
    return list(dict.fromkeys(match.group() for match in WORD.finditer(text)))


def system(request: Request) -> str:
    """The system message, or nothing."""
    return request.messages[0].content if request.messages[0].role == "system" else ""


# --- mixture of agents -----------------------------------------------------------------------------------


async def test_moa_each_layer_reads_the_layer_before_in_its_system_message(stage: Stage) -> None:
    """Six proposers, twice, then one aggregator; each sees all replies of the layer before, numbered, and nothing older."""
    show = await stage("mixture-of-agents", {"proposer": marked("FIRST"), "aggregator": marked("LATER")})

    assert Counter(show.roles) == {"proposer": 6, "aggregator": 7}
    for seat in range(1, 7):
        request = show.request(f"2.revise/1/seat-{seat}")
        assert words(system(request)) == [f"FIRST-{number}" for number in range(6)]
        assert all(f"--- Reply {number} [" in system(request) for number in range(1, 7))
        assert [message.role for message in request.messages] == ["system", "user"]
        assert words(request.messages[1].content) == []
        assert "What is 6 * 7?" in request.messages[1].content
        assert sorted(show.sources(f"2.revise/1/seat-{seat}")) == [f"1.propose/seat-{number}" for number in range(1, 7)]
    last = show.request("3.synthesize/aggregator")
    assert sorted(words(system(last))) == [f"LATER-{number}" for number in range(6)]
    assert "critically" in system(last)
    assert show.sources("3.synthesize/aggregator") == [f"2.revise/1/seat-{number}" for number in range(1, 7)]
    assert show.answer == "6"
    assert show.decision.rule == "synthesis"


async def test_moa_shows_no_names(stage: Stage) -> None:
    """Neither seats nor models are named, and the first layer has no system message."""
    show = await stage(
        "mixture-of-agents", {"proposer": marked("FIRST"), "aggregator": marked("LATER")}, models=["zeta", "omega"]
    )

    text = "\n".join(message.content for request in show.requests for message in request.messages)
    assert not any(name in text for name in ("seat", "zeta", "omega"))
    assert [system(request) for request, role in zip(show.requests, show.roles, strict=True) if role == "proposer"] == [""] * 6
    assert {request.model for request in show.requests} == {"zeta", "omega"}


@pytest.mark.parametrize(("rounds", "calls"), [(1, 7), (2, 13), (3, 19)])
async def test_moa_rounds_are_layers_of_proposers(stage: Stage, rounds: int, calls: int) -> None:
    """One is the Lite form, two the full one; the aggregator comes on top."""
    show = await stage("mixture-of-agents", {"proposer": marked("FIRST"), "aggregator": marked("LATER")}, set={"rounds": rounds})

    assert show.calls == calls


async def test_moa_a_failed_reply_is_not_shown_on(stage: Stage) -> None:
    """Five replies are read instead of six; the seat itself goes on in the next layer."""
    first: list[str | Completion] = [f"FIRST-{number}\nAnswer: 1" for number in range(6)]
    first[2] = Completion(text="FIRST-2\nAnswer: 1", finish="length")

    show = await stage("mixture-of-agents", {"proposer": first, "aggregator": marked("LATER")})

    assert words(system(show.request("2.revise/1/seat-3"))) == [f"FIRST-{number}" for number in (0, 1, 3, 4, 5)]
    assert Counter(show.roles) == {"proposer": 6, "aggregator": 7}


async def test_moa_without_a_readable_aggregate_the_vote_of_the_last_layer_stands(stage: Stage) -> None:
    """The last proposers' own vote decides, and the decision says so."""
    lines = {
        "proposer": marked("FIRST"),
        "aggregator": lambda request: "hm" if request.draw == 6 else "Answer: 5",
    }

    show = await stage("mixture-of-agents", lines)

    assert show.answer == "5"
    assert show.decision.reason is not None


# --- self-MoA ------------------------------------------------------------------------------------------------


async def test_self_moa_samples_one_model_and_aggregates_with_it(stage: Stage) -> None:
    """Six samples of the first model, then one call that reads all six in its system message."""
    show = await stage("self-moa", {"proposer": marked("FIRST"), "aggregator": ["Answer: 9"]}, models=["best", "other"])

    assert show.roles == ["proposer"] * 6 + ["aggregator"]
    assert {request.model for request in show.requests} == {"best"}
    assert sorted(words(system(show.requests[-1]))) == [f"FIRST-{number}" for number in range(6)]
    assert show.answer == "9"


async def test_self_moa_folds_a_window_at_a_time(stage: Stage) -> None:
    """Three replies, then what was written of them in the first place and two more, and so on; each reply is read once."""
    show = await stage("self-moa", {"proposer": marked("FIRST"), "aggregator": marked("SO")}, set={"seats": 6, "window": 3})

    assert show.roles == ["proposer"] * 6 + ["aggregator"] * 3
    windows = [words(system(show.request(f"2.synthesize/aggregator/window-{number}"))) for number in (1, 2, 3)]
    assert list(map(len, windows)) == [3, 3, 2]
    assert [window[0] for window in windows[1:]] == ["SO-0", "SO-1"]
    assert sorted([*windows[0], *windows[1][1:], *windows[2][1:]]) == [f"FIRST-{number}" for number in range(6)]
    assert show.sources("2.synthesize/aggregator/window-3")[-1] == "2.synthesize/aggregator/window-2"
    assert show.answer == "2"


async def test_self_moa_a_window_that_fails_leaves_the_best_so_far(stage: Stage) -> None:
    """What was written before is carried on; if the last one fails it is the answer."""
    said = ["SO-0\nAnswer: 7", "hm", "SO-2\nAnswer: 8", "hm"]

    show = await stage("self-moa", {"proposer": marked("FIRST"), "aggregator": said}, set={"seats": 8, "window": 3})

    third = words(system(show.request("2.synthesize/aggregator/window-3")))
    assert third[0] == "SO-0"
    assert len(third) == 3
    assert show.answer == "8"


async def test_self_moa_a_window_of_one_is_refused(stage: Stage) -> None:
    """It would never read anything new."""
    with pytest.raises(RecipeError, match=r"self-moa\.yaml:\d+: steps\.2\.window: a window of 1"):
        await stage("self-moa", {"proposer": marked("FIRST")}, set={"window": 1})


# --- recursive self-aggregation ------------------------------------------------------------------------------


async def test_rsa_draws_distinct_members_for_each_new_one(stage: Stage) -> None:
    """Each new solution reads K different ones of the population before, perhaps its seat's own, and nothing older."""
    show = await stage("recursive-aggregation", {"proposer": marked("FIRST"), "recombiner": marked("LATER")}, set={"rounds": 3})

    assert Counter(show.roles) == {"proposer": 16, "recombiner": 32}
    drawn = [words(show.shown(f"2.revise/1/seat-{seat}")) for seat in range(1, 17)]
    assert {len(members) for members in drawn} == {4}
    assert all(member.startswith("FIRST-") for members in drawn for member in members)
    assert len({frozenset(members) for members in drawn}) > 8
    assert any(f"FIRST-{seat - 1}" in members for seat, members in enumerate(drawn, 1))
    for seat in range(1, 17):
        assert {f"1.propose/seat-{int(word.partition('-')[2]) + 1}" for word in drawn[seat - 1]} == set(
            show.sources(f"2.revise/1/seat-{seat}")
        )
        older = words(show.shown(f"2.revise/2/seat-{seat}"))
        assert len(older) == 4
        assert all(member.startswith("LATER-") and int(member[6:]) < 16 for member in older)


async def test_rsa_default_size(stage: Stage) -> None:
    """Sixteen solutions, ten rounds with the independent one."""
    show = await stage("recursive-aggregation", {"proposer": marked("FIRST"), "recombiner": ["Answer: 1"]}, replayed=False)

    assert Counter(show.roles) == {"proposer": 16, "recombiner": 144}


async def test_rsa_asks_afresh_and_names_nobody(stage: Stage) -> None:
    """One message with the problem and the solutions; no own history, no seat, and no word that one of them is its own."""
    show = await stage(
        "recursive-aggregation", {"proposer": marked("FIRST"), "recombiner": marked("LATER")}, set={"rounds": 2, "seats": 5}
    )

    for request, role in zip(show.requests, show.roles, strict=True):
        if role == "recombiner":
            assert [message.role for message in request.messages] == ["user"]
            assert "seat" not in request.messages[0].content
            assert "Your reply" not in request.messages[0].content
            assert all(f"--- Reply {number} [" in request.messages[0].content for number in (1, 2, 3, 4))


@pytest.mark.parametrize(("sample", "seats", "shown"), [(1, 6, 1), (2, 6, 2), (4, 3, 3)])
async def test_rsa_sample_size(stage: Stage, sample: int, seats: int, shown: int) -> None:
    """One is refined alone; a population smaller than the sample is read whole."""
    show = await stage(
        "recursive-aggregation",
        {"proposer": marked("FIRST"), "recombiner": marked("LATER")},
        set={"rounds": 2, "seats": seats, "sample": sample},
    )

    assert {len(words(show.shown(f"2.revise/1/seat-{seat}"))) for seat in range(1, seats + 1)} == {shown}


async def test_rsa_ends_with_a_plurality_of_the_last_population(stage: Stage) -> None:
    """Earlier populations do not vote."""
    lines = {"proposer": ["Answer: 1"], "recombiner": ["Answer: 2", "Answer: 3", "Answer: 3", "hm"]}

    show = await stage("recursive-aggregation", lines, set={"rounds": 2, "seats": 4})

    assert show.answer == "3"
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("3", 2), ("2", 1)]
    assert show.decision.abstentions == ("seat-4",)


async def test_rsa_may_end_with_one_member_at_random(stage: Stage) -> None:
    """Drawn by the seed from the last population, from those that can be read; the count stays on record."""
    lines = {"proposer": ["Answer: 1"], "recombiner": ["Answer: 2", "Answer: 3", "Answer: 3", "hm"]}

    shows = [
        await stage("recursive-aggregation", lines, set={"rounds": 2, "seats": 4, "returns": "random"}, seed=seed)
        for seed in range(12)
    ]

    assert {show.answer for show in shows} == {"2", "3"}
    assert {show.decision.rule for show in shows} == {"select by random"}
    assert {tuple(row.votes for row in show.decision.tally) for show in shows} == {(2, 1)}
