"""What providers really send, each case along the whole path of a call: loopback server, limits, budget and ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import a_request
from call_path import House, house
from contemplate.errors import CallError, OverloadedError, RejectedError, UnreachableError
from contemplate.models.budget import Budget
from contemplate.types import Completion, Message, Request, Sampling
from loopback import Loopback, Reply, Seen

Case = dict[str, Any]
Check = Callable[[Loopback, House, Reply], Any]
WHOLE = "Answer: 42"


def a_call(**sampling: Any) -> Request:
    """A request with everything in it that may be refused."""
    messages = (Message(role="system", content="Be brief."), Message(role="user", content="6 * 7?"))
    return Request(model="m", messages=messages, seed=7, sampling=Sampling(max_tokens=50, **{"temperature": 0.7, **sampling}))


def as_reply(case: Case) -> Reply:
    """The case as the server sends it."""
    body = case["body"]
    raw = body if isinstance(body, str) else json.dumps(body)
    kind = case.get("content_type", "application/json")
    return Reply(status=case["status"], headers=case.get("headers", {}), body=raw.encode(), content_type=kind)


async def asked(here: House, request: Request) -> Completion:
    """The completion of one call."""
    return (await here.calls.call([request], here.caller())).completion


async def is_retried(server: Loopback, reply: Reply, error: type[CallError], said: str) -> None:
    """It fails as often as it is tried, nothing is stored, and the next time it is asked for anew."""
    server.script = reply
    async with house(server) as here:
        with pytest.raises(error, match=said) as caught:
            await asked(here, a_call())
        assert caught.value.retryable
        assert (3, None) == (len(server.seen), await here.calls.ledger.completion(a_call().key))
        server.script = WHOLE
        assert WHOLE == (await asked(here, a_call())).text


async def is_final(server: Loopback, reply: Reply, said: str) -> None:
    """One post, and the server's own words."""
    server.script = reply
    async with house(server) as here:
        with pytest.raises(RejectedError, match=said):
            await asked(here, a_call())
    assert 1 == len(server.seen)


async def is_read(server: Loopback, reply: Reply, **right: object) -> None:
    """One post, and a completion that is so."""
    server.script = reply
    async with house(server) as here:
        completion = await asked(here, a_call())
    assert right == {name: getattr(completion, name) for name in right}
    assert 1 == len(server.seen)


async def goes_without(server: Loopback, reply: Reply, field: str, instead: str = "") -> None:
    """The call is made again without the field, both are counted, and the next one goes without it at once."""
    server.script = lambda seen: reply if field in seen.body else WHOLE
    async with house(server) as here:
        assert WHOLE == (await asked(here, a_call())).text
        await asked(here, a_call(top_p=0.5))
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
    assert [True, False, False] == [field in seen.body for seen in server.seen]
    assert (3, 3) == (used.calls, spent.calls)
    if instead:
        assert [None, 50, 50] == [seen.body.get(instead) for seen in server.seen]


async def waits(server: Loopback, reply: Reply, seconds: float) -> None:
    """It says so; a wait beyond the deadline is not begun."""
    server.script = reply
    async with house(server) as here:
        with pytest.raises(OverloadedError) as caught:
            await asked(here, a_call())
    assert seconds == pytest.approx(caught.value.retry_after)


async def system_goes_in_front(server: Loopback, reply: Reply) -> None:
    """The system's text stands before the user's from then on, at the cost of one call."""
    server.script = lambda seen: reply if seen.body["messages"][0]["role"] == "system" else WHOLE
    async with house(server) as here:
        await asked(here, a_call())
        await asked(here, a_call(top_p=0.5))
    assert 3 == len(server.seen)
    assert all([{"role": "user", "content": "Be brief.\n\n6 * 7?"}] == seen.body["messages"] for seen in server.seen[1:])


async def value_is_refused(server: Loopback, reply: Reply, field: str) -> None:
    """The call fails with the server's message, and the field is sent as before."""

    def strict(seen: Seen) -> Reply | str:
        return reply if seen.body.get("temperature") == 0.7 else WHOLE

    server.script = strict
    async with house(server) as here:
        with pytest.raises(RejectedError, match=field):
            await asked(here, a_call())
        assert WHOLE == (await asked(here, a_call(temperature=0.2))).text
    assert [0.7, 0.2] == [seen.body["temperature"] for seen in server.seen]


async def is_folded(server: Loopback, reply: Reply) -> None:
    """No stream is asked for; the one that comes all the same is one reply."""
    await is_read(server, reply, text="Answer: 42", finish="stop")
    assert server.seen[0].body["stream"] is False


CHECKS: dict[str, Callable[[Loopback, Reply], Any]] = {
    "an error in a 200 beside choices null": lambda server, reply: is_retried(server, reply, OverloadedError, "slow down"),
    "an error in a 200 beside an empty list": lambda server, reply: is_retried(server, reply, OverloadedError, "upstream"),
    "choices null alone": lambda server, reply: is_retried(server, reply, UnreachableError, "sent no reply"),
    "a list body": lambda server, reply: is_retried(server, reply, OverloadedError, "busy"),
    "cut off, in Google's spelling": lambda server, reply: is_read(server, reply, finish="length"),
    "broken off by the provider": lambda server, reply: is_retried(server, reply, UnreachableError, "broke the reply off"),
    "filtered, in another spelling": lambda server, reply: is_read(server, reply, finish="filter"),
    "thinking among the content parts": lambda server, reply: is_read(
        server, reply, text="Answer: 42", reasoning="perhaps 41", finish="stop"
    ),
    "a refused field named in the message only": lambda server, reply: goes_without(server, reply, "temperature"),
    "the other name for the limit, param null": lambda server, reply: goes_without(
        server, reply, "max_tokens", "max_completion_tokens"
    ),
    "a refused field in detail.loc": lambda server, reply: goes_without(server, reply, "seed"),
    "a refused value": lambda server, reply: value_is_refused(server, reply, "temperature must be between 0 and 1"),
    "a system message refused": system_goes_in_front,
    "when to come back, in the body": lambda server, reply: waits(server, reply, 34.07),
    "when to come back, in words": lambda server, reply: waits(server, reply, 60.36),
    "when to come back, in a header": lambda server, reply: waits(server, reply, 7.66),
    "an empty account under type": lambda server, reply: is_final(server, reply, "quota"),
    "a stream that nobody asked for": is_folded,
}


def numbered_cases() -> list[object]:
    """A place for each case that there is a check of."""
    return [pytest.param(name, id=name) for name in CHECKS]


@pytest.fixture(scope="module")
def lines(cases: Path) -> dict[str, Case]:
    """The cases by what they are."""
    read = map(json.loads, (cases / "provider-replies.jsonl").read_text("utf-8").splitlines())
    return {case["what"]: case for case in read}


@pytest.mark.parametrize("what", numbered_cases())
async def test_case(loopback: Loopback, lines: dict[str, Case], what: str) -> None:
    """What must happen, happens."""
    await CHECKS[what](loopback, as_reply(lines[what]))


def test_each_case_is_checked(lines: dict[str, Case]) -> None:
    """None is left out."""
    assert set(lines) == set(CHECKS)


def body(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON body."""
    given = {name.replace("_", "-"): said for name, said in headers.items()}
    return Reply(status=status, headers=given, body=json.dumps(value).encode())


def choice(finish: object, content: object = "6*5 = 30, and then", **more: object) -> Reply:
    """A reply that ended so."""
    return body({"choices": [{"message": {"content": content}, "finish_reason": finish}], **more})


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (body({"choices": None, "error": {"code": "rate_limit_exceeded", "message": "hm"}}), OverloadedError, "429: hm"),
        (body({"choices": [], "error": {"message": "hm", "type": "overloaded_error"}}), OverloadedError, "503: hm"),
        (body({"choices": [], "error": {"message": "hm"}}), OverloadedError, "502: hm"),
        (body({"choices": [], "error": "hm"}), OverloadedError, "502: hm"),
        (body({"choices": None, "error": {"code": 8, "status": "RESOURCE_EXHAUSTED", "message": "hm"}}), OverloadedError, "429"),
        (body({"object": "error", "message": "engine busy", "code": 503}), OverloadedError, "503: engine busy"),
        (body({"type": "error", "error": {"type": "api_error", "message": "internal server error"}}), OverloadedError, "502"),
        (body({"errors": [{"code": 503, "message": "hm"}], "success": False}), OverloadedError, "503: hm"),
        (body({"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}), OverloadedError, "429"),
        (body([{"error": {"code": "500", "message": "internal"}}]), OverloadedError, "500: internal"),
        (choice("error", error={"code": 502, "message": "hm"}), OverloadedError, "502: hm"),
        (
            body({"choices": [{"error": {"code": 504, "message": "hm"}, "message": {"content": "So"}}]}),
            OverloadedError,
            "504: hm",
        ),
        (body({"choices": []}), UnreachableError, "sent no reply"),
        (body({"choices": [None]}), UnreachableError, "sent no reply"),
        (
            body({"choices": [{"message": {"role": "assistant", "content": None}, "finish_reason": None}]}),
            UnreachableError,
            "no rep",
        ),
        (choice("network_error"), UnreachableError, "finish_reason 'network_error'"),
        (choice("insufficient_system_resource"), UnreachableError, "broke the reply off"),
        (choice("ERROR"), UnreachableError, "broke the reply off"),
        (choice("MALFORMED_FUNCTION_CALL", ""), UnreachableError, "broke the reply off"),
        (choice("aborted"), UnreachableError, "broke the reply off"),
    ],
)
async def test_what_is_no_reply_is_never_stored(loopback: Loopback, reply: Reply, error: type[CallError], said: str) -> None:
    """It is a failed call of its kind, and worth another try."""
    await is_retried(loopback, reply, error, said)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (body({"choices": None, "error": {"code": 401, "message": "bad key"}}), "401: bad key"),
        (body({"choices": [], "error": {"code": 402, "message": "Insufficient credits"}}), "402: Insufficient credits"),
        (body({"choices": [], "error": {"type": "insufficient_quota", "message": "hm"}}), "hm"),
        (body({"choices": None, "error": {"code": 404, "message": "no such model"}}), "404: no such model"),
        (body({"error": {"type": "insufficient_quota", "code": None, "message": "hm"}}, 429), "hm"),
        (body({"error": {"code": "1113", "message": "余额不足"}}, 429), "余额不足"),
        (body({"error": {"message": "Your credit balance is too low"}}, 429), "too low"),
        (body({"error": {"type": "exceeded_current_quota_error", "message": "suspended"}}, 429), "suspended"),
        (body({"error": {"message": "on tokens per day (TPD): try again in 7m20s"}}, 429, retry_after="1"), "in a day or later"),
        (body({"error": {"message": "Rate limit exceeded: free-models-per-day"}}, 429), "in a day or later"),
        (
            body({"error": {"details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerModel-FreeTier"}]}]}}, 429),
            "in a day or later",
        ),
        (body({"error": {"message": "slow"}}, 429, x_ratelimit_remaining_requests_day="0"), "in a day or later"),
    ],
)
async def test_what_is_final_at_once(loopback: Loopback, reply: Reply, said: str) -> None:
    """An empty account or the end of a day's quota is not mended by waiting."""
    await is_final(loopback, reply, said)


@pytest.mark.parametrize(
    ("finish", "right"),
    [
        *(
            (said, "length")
            for said in ("model_length", "maxTokens", "FinishReason.MAX_TOKENS", "max_output_tokens", "incomplete")
        ),
        *((said, "filter") for said in ("content-filter", "RECITATION", "PROHIBITED_CONTENT", "sensitive", "ERROR_TOXIC")),
        *((said, "stop") for said in ("STOP", "eos_token", "COMPLETE", "FINISH_REASON_STOP", "end_turn", "", None)),
        *((said, "other") for said in ("tool_calls", "pondering", 17)),
    ],
)
async def test_endings(loopback: Loopback, finish: object, right: str) -> None:
    """Each spelling is of its kind."""
    await is_read(loopback, choice(finish), finish=right)


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        ({"error": {"message": "temperature is not supported by this model", "param": "None"}}, "temperature"),
        ({"error": {"message": "Unsupported value: 'temperature' does not support 0.7. Only the default (1) value."}},
         "temperature"),
        ({"error": {"message": "`temperature` is deprecated for this model."}}, "temperature"),
        ({"error": {"message": "invalid temperature: only 1 is allowed for this model"}}, "temperature"),
        ({"error": {"message": "Unrecognized request argument supplied: seed"}}, "seed"),
        ({"error": {"message": "parameter seed is not supported", "param": ""}}, "seed"),
        ([{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}], "seed"),
        ({"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "no"}]}}, "seed"),
        ({"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs'}]"}, "seed"),
        ({"detail": [{"type": "missing", "loc": ["body", "x"]}, {"type": "extra_forbidden", "loc": ["body", "seed"]}]}, "seed"),
        ({"detail": "property 'seed' is unsupported"}, "seed"),
        ({"message": "Additional properties are not allowed ('seed' was unexpected)"}, "seed"),
        ({"error": {"message": "Unsupported parameter", "param": "body.seed"}}, "seed"),
        ("unknown field: seed", "seed"),
        ({"error": {"message": "stream is an unknown field", "param": "stream"}}, "stream"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 422])
async def test_a_refused_field_is_left_out(loopback: Loopback, reply: object, field: str, status: int) -> None:
    """Wherever it is named."""
    await goes_without(loopback, body(reply, status), field)


@pytest.mark.parametrize(
    "message",
    [
        "temperature must be <= 0.5",
        "temperature should be in [0, 0.5]",
        "'temperature' is not allowed above 0.5",
        "Invalid 'temperature': decimal above maximum value",
        "temperature: Input should be less than or equal to 0.5",
        "temperature 0.7 is out of range",
        "temperature must be a number of at most one decimal",
    ],
)
@pytest.mark.parametrize("param", ["temperature", None])
async def test_a_refused_value_is_no_refused_field(loopback: Loopback, message: str, param: str | None) -> None:
    """Other values are sent as before."""
    await value_is_refused(loopback, body({"error": {"message": message, "param": param}}, 400), "temperature")


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens; your messages have 9000, and max_tokens is 50",
        "'max_tokens' is too large: 50. This model supports at most 20 completion tokens",
        "messages: the prompt is too long",
        "no such model",
        "please stop sending requests to this unsupported endpoint",
    ],
)
async def test_what_is_about_something_else_is_final(loopback: Loopback, message: str) -> None:
    """It is told as it is."""
    await is_final(loopback, body({"error": {"message": message}}, 400), "answered 400")


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("Developer instruction is not enabled for models/gemma", 400),
        ("System role not supported (at row 1)", 500),
        ("Unsupported value: 'messages[0].role' does not support 'system' with this model.", 400),
        ("Conversation roles must alternate user/assistant/user/assistant/...", 400),
        ("Only user and assistant roles are supported!", 422),
        ("role must be one of user, assistant; got 'system'", 422),
        ("messages.0.role: Input should be 'user' or 'assistant'", 422),
    ],
)
async def test_a_refused_system_message(loopback: Loopback, message: str, status: int) -> None:
    """However it is said."""
    await system_goes_in_front(loopback, body({"error": {"message": message}}, status))


@pytest.mark.parametrize("message", ["Insufficient system resources", "the system prompt is too long: not supported"])
async def test_other_words_of_systems(loopback: Loopback, message: str) -> None:
    """They leave messages as they are."""
    await is_final(loopback, body({"error": {"message": message}}, 400), message)


async def test_refused_fields_are_counted(loopback: Loopback) -> None:
    """A budget of one call lets one request out."""
    loopback.script = body({"error": {"message": "unsupported", "param": "temperature"}}, 400)
    async with house(loopback, Budget(calls=1)) as here:
        with pytest.raises(Exception, match="budget of 1 calls"):
            await asked(here, a_call())
        spent = await here.calls.ledger.spent("run")
    assert (1, 1) == (len(loopback.seen), spent.calls)


async def test_everything_is_refused(loopback: Loopback) -> None:
    """A server that refuses whatever it is sent ends in an error, after each field has been left out once."""

    def picky(seen: Seen) -> Reply:
        field = next((field for field in ("seed", "temperature", "stream", "max_tokens") if field in seen.body), "messages")
        return body({"error": {"message": "unsupported", "param": field}}, 400)

    loopback.script = picky
    async with house(loopback) as here:
        with pytest.raises(RejectedError):
            await asked(here, a_call())
    assert 5 == len(loopback.seen)


async def test_what_an_older_ledger_holds_of_no_reply(loopback: Loopback) -> None:
    """It is asked for again, once; a replay takes it as it was."""
    loopback.script = WHOLE
    request = a_request()
    async with house(loopback) as here:
        await here.calls.ledger.store("", request, Completion(text="", finish="other"), None)
        replayed = await here.calls.call([request], here.caller(offline=True))
        first = await asked(here, request)
        again = await here.calls.call([request], here.caller(offline=True))
        await asked(here, request)
    assert ("", WHOLE, WHOLE, 1) == (replayed.completion.text, first.text, again.completion.text, len(loopback.seen))


@pytest.mark.parametrize(
    "stored",
    [Completion(text=""), Completion(text="So", finish="other"), Completion(text="", finish="other", reasoning="hm"),
     Completion(text="", finish="other", ended="odd"), Completion(text="", finish="length")],
)  # fmt: skip
async def test_what_an_older_ledger_holds_of_replies(loopback: Loopback, stored: Completion) -> None:
    """It is kept, empty or odd as it may be."""
    async with house(loopback) as here:
        await here.calls.ledger.store("", a_request(), stored, None)
        assert stored == await asked(here, a_request())
    assert [] == loopback.seen
