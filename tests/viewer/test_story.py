"""What the page tells of three real runs, before any browser: what won, who dissents, who turned whom, what it cost."""

from __future__ import annotations

from dataclasses import replace

from contemplate.viewer import PageModel, page_model
from viewed import Viewed


def told(model: PageModel, title: str) -> list[str]:
    """The lines of a part of the story."""
    parts = {part.title: ["".join(span.text for span in line) for line in part.lines] for part in model.story}
    return parts.get(title, [])


def test_a_debate_that_turned(viewed: Viewed) -> None:
    """First three of five were for 10, in the end four for 5; seat-3's reply had been read by both who changed."""
    model = viewed.model("debate")

    assert (model.texts[model.answer or 0], model.confidence) == ("5", 0.714286)
    assert model.verdict == "Won by plurality with 4 of 5 votes, the next has 1 (margin 0.60)."
    assert [(bar.answer, bar.votes, bar.group) for bar in model.tally] == [("5", 4, 0), ("10", 1, 1)]
    assert told(model, "Who disagrees") == ["seat-4 holds 10."]
    assert "The discussion changed the answer: the first votes alone gave 10." in told(model, "How it came to this")
    assert told(model, "Turning points")[1:] == [
        "seat-1 went from 10 to 5 in 2.revise, round 1, after reading seat-2, seat-3, seat-4, seat-5.",
        "seat-2 went from 10 to 5 in 2.revise, round 2, after reading seat-1, seat-3, seat-4, seat-5.",
    ]
    assert told(model, "What it cost")[0].startswith("15 calls; ")
    assert told(model, "What went wrong") == []


def test_a_failed_agent(viewed: Viewed) -> None:
    """The failure stands in the story and on its turn, and is nobody's vote."""
    model = viewed.model("failed")
    failed = [turn for turn in model.turns if turn.status == "failed"]

    assert [(turn.id, turn.label, turn.group) for turn in failed] == [("1.propose/seat-3", "failed", None)]
    (wrong,) = told(model, "What went wrong")
    assert wrong.startswith(
        "1.propose/seat-3 failed (rejected): example/mini: 403, the key may not use this model (attempt 1 of 1); "
    )
    assert "The discussion did not change the answer." in told(model, "How it came to this")
    ballots = {ballot.seat: ballot for ballot in model.decisions[-1].ballots}
    assert (ballots["seat-3"].choice, ballots["seat-3"].group) == ("nothing", None)
    assert ballots["seat-1"].read == "stated in the form that was asked for"


def test_an_open_question(viewed: Viewed) -> None:
    """Its turns are grouped by verb, its claims have their sides with the turns in which these were taken."""
    model = viewed.model("open")

    assert model.grouped == "verb"
    assert [group.label for group in model.groups] == ["propose", "claims", "weigh", "challenge", "compose"]
    assert model.tally == ()
    assert model.claims is not None
    assert [(claim.id, claim.state) for claim in model.claims.claims] == [
        ("1", "stands"),
        ("2", "stands"),
        ("3", "fell"),
        ("4", "fell"),
    ]
    against = [stance for stance in model.claims.claims[2].stances if stance.side == "against"]
    assert [model.turns[stance.turn or 0].id for stance in against] == ["3.weigh/seat-1", "3.weigh/seat-2", "3.weigh/seat-4"]
    assert [sentence.claims for sentence in model.claims.sentences] == [("1",), ("2",)]


def test_the_prompt_as_it_was_sent(viewed: Viewed) -> None:
    """Words of others are folded, the rest stands; put together again it is what was sent, but for the marks of quotes."""
    run = viewed.runs["debate"]
    model = page_model(run)
    turn = next(turn for turn in model.turns if turn.id == "2.revise/1/seat-1")
    sent = (run.prompts or {})[turn.id][0]
    prompt = turn.calls[0].prompt or ()

    assert [message.role for message in prompt] == ["user", "assistant", "user"]
    folded = [part for part in prompt[-1].parts if not isinstance(part, int)]
    assert [part.title for part in folded] == [f"Another reply ({number})" for number in range(1, 5)]
    for message, view in zip(sent, prompt, strict=True):
        for part in view.parts:
            shown = model.texts[part if isinstance(part, int) else part.text]
            assert str(shown) in message.text


def test_a_run_that_is_not_over(viewed: Viewed) -> None:
    """It says what to do, and shows what is there."""
    run = replace(viewed.runs["debate"], outcome=None, state="interrupted", turns=viewed.runs["debate"].turns[:7])
    model = page_model(run, go_on="it is interrupted; go on with: contemplate resume X")

    assert model.verdict == "No outcome yet: it is interrupted; go on with: contemplate resume X."
    assert (model.answer, model.confidence, len(model.turns)) == (None, None, 7)


def test_nothing_was_said(viewed: Viewed) -> None:
    """A run without a turn is a page, too."""
    model = page_model(replace(viewed.runs["debate"], outcome=None, turns=(), clocks={}, prompts={}))

    assert (model.turns, model.columns, model.critical, model.decisions) == ((), (), (), ())
