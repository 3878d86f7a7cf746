"""Words that would do something on a page that took them for more than words, and a run that says them everywhere."""

from __future__ import annotations

from typing import Any

from contemplate import Outcome, Trace
from contemplate.trace import Clock, TraceHead
from contemplate.types import (
    Answer,
    AnswerKind,
    CallRef,
    Claim,
    ClaimCheck,
    ClaimSource,
    Composition,
    Decision,
    Failure,
    Found,
    Json,
    Merge,
    Message,
    Passage,
    Program,
    Question,
    Ruling,
    Scrutiny,
    Sentence,
    Stance,
    Tally,
    Turn,
    Usage,
)
from contemplate.viewer import StoredRun

PAYLOADS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<!--<script>window.ran=1",
    "--><img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "<img src=http://127.0.0.1:9/x.png>",
    '" onmouseover="window.ran=1" autofocus onfocus="window.ran=1',
    "javascript:window.ran=1",
    "[click](javascript:window.ran=1) ![](http://127.0.0.1:9/y.png)",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<style>@import 'http://127.0.0.1:9/z.css';*{display:none}</style>",
    "<a href=data:text/html,<script>window.ran=1</script>>x</a>",
    "<base href=http://127.0.0.1:9/><form action=http://127.0.0.1:9/><input autofocus onfocus=window.ran=1>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} `${window.ran=1}`",
    "\u202egnp.exe\u202c \u2066hidden\u2069 \u200f\x00\x07\x1b[31m \ud800 \ufeff \u2028 \u2029",
    "__proto__",
    "constructor",
)
"""Each sets `window.ran`, asks for an address on this machine that nobody serves, or misleads the eye."""


def hostile_run(payloads: tuple[str, ...] = PAYLOADS, kind: AnswerKind = "open") -> StoredRun:
    """A run in which every field that a model, a user or a file can fill holds each of these words once."""
    turns, sees = [], ()
    for number, words in enumerate(payloads):
        turns.append((_turn(f"{number}{words}", words, kind), sees))
        sees = ((f"{number}{words}", "saw"),)
    everything = " ".join(payloads)
    turns.append((_deciding(everything, payloads), tuple((turn.id, "counted") for turn, _ in turns)))
    head = TraceHead.model_validate(
        {
            "format": 1,
            "run": everything,
            "question": Question(text=everything, kind=kind, choices=(everything,), gold=everything),
            "strategy": everything,
            "models": (everything,),
            "seed": 1,
        }
    )
    return StoredRun(
        head=head,
        turns=turns,
        outcome=_outcome(everything),
        state="finished",
        prompts={turn.id: [[_prompt(words)]] for (turn, _), words in zip(turns, payloads, strict=False)},
        clocks={turn.id: Clock(started=number, ended=number + 1) for number, (turn, _) in enumerate(turns)},
        source=everything,
    )


def hostile_outcome(words: tuple[str, ...] = PAYLOADS, kind: AnswerKind = "number") -> Outcome[Any]:
    """An outcome that says hostile words wherever somebody else has a say."""
    run = hostile_run(words, kind)
    everything = " ".join(words)
    decision = run.turns[-1][0].decision
    assert decision is not None
    return Outcome(
        *(everything, 0.5, decision.model_copy(update={"dissent": words}), None, "completed", Usage(), Trace.of(run.turns)),
        *(run.head.question, everything, (everything,), 1, everything),
        detail=everything,
    )


def _prompt(words: str) -> Message:
    return Message(role="user", content=f"--- {words} [01234567] ---\n{words}\n--- end [01234567] ---\n{words}")


def _turn(name: str, words: str, kind: AnswerKind) -> Turn:
    failed = len(name) % 5 == 0
    return Turn(
        id=name,
        step=words,
        verb=words,
        seat=words,
        card=words,
        model=words,
        status="failed" if failed else "said",
        calls=(CallRef(key="k", model=words),),
        text=words,
        answer=Answer(kind=kind, text=words, value=words, how="stated"),
        chose=words,
        found=Found.model_validate(
            {"items": (words,), "ranking": (words,), "reason": words, "notes": (words,), "mood": {words: words}}
        ),
        failure=Failure(kind=words, message=words) if failed else None,
        programs=(Program(code=words, output=words, failed="error", error=words),),
        policy=(_ruling(words),),
    )


def _ruling(words: str) -> Ruling:
    named = {"policy": words, "version": words, "profile": words, "rule": words}
    return Ruling(**named, stage="reply", effect="note", reason=words, model=words, unsure=words)


def _deciding(words: str, payloads: tuple[str, ...]) -> Turn:
    claims = tuple(
        Claim(
            id=str(number),
            text=one,
            sources=(
                ClaimSource(
                    seat=one,
                    turn=one,
                    text=f"{one}.",
                    merged=one,
                    passage=Passage(document=one, number=1, start=0, end=1, text=one, share=1),
                ),
            ),
            stances=(Stance(seat=one, turn=one, side="against", reason=one),),
            checks=(ClaimCheck(by="critic", turn=one, holds=None, reason=one),),
            state="disputed",
            why=one,
        )
        for number, one in enumerate(payloads, 1)
    )
    sentences = tuple(Sentence(text=one, claims=(one,), flags=(one,)) for one in payloads)
    composition = Composition(sentences=sentences, left_out=(words,), flags=(words,))
    said = {"uncertain": payloads, "disagree": payloads, "notes": payloads}
    scrutiny = Scrutiny(floor=0.8, confidence=0.5, given=False, **said)
    found = Found(claims=claims, composition=composition, scrutiny=scrutiny)
    return Turn(id="end", step="end", verb="vote", decision=_decision(words), found=found)


def _decision(words: str) -> Decision:
    return Decision(
        rule=words,
        winner=words,
        value=words,
        tally=(Tally(answer=words, votes=1, weight=1, seats=(words,), shares={words: 1.0}),),
        margin=1,
        ties=(words,),
        abstentions=(words,),
        dissent=(words,),
        merges=(Merge(answer=words, into=words, reason=words),),
        reason=words,
    )


def _outcome(words: str) -> Json:
    decision = _decision(words).model_dump(mode="json", exclude={"winner", "value", "how", "confidence"})
    usage = {"calls": 1, "usd": None}
    return {"answer": words, "confidence": 0.5, "stopped": words, "detail": words, "decision": decision, "usage": usage}


def _passage(text: str) -> Passage:
    return Passage(document=text, number=1, start=0, end=1, text=text, share=1)
