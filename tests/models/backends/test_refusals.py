"""What the body of an error says, and which error that is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import CallError, OverloadedError, RejectedError
from contemplate.models.backends.refusals import call_error, read_error, status_inside

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "code", "message", "detail", "loc", "choices", "type", "param"]), inner
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "code", "param", "message"),
    [
        ({"error": {"code": 5, "param": "a", "message": "hm"}}, "5", "a", "hm"),
        ({"error": {"param": "None", "message": "hm"}}, "", "", "hm"),
        ({"error": "hm"}, "", "", "hm"),
        ([{"error": {"message": "hm"}}], "", "", "hm"),
        ({"errors": [{"message": "hm"}]}, "", "", "hm"),
        ({"message": "hm", "code": "x"}, "x", "", "hm"),
        ({"detail": "hm"}, "", "", "hm"),
        ({"detail": [{"loc": ["body", "a"], "msg": "hm"}]}, "", "a", "a: hm"),
        ({"message": {"detail": [{"loc": ["a"], "msg": "hm"}, {"loc": ["b"], "msg": "ho"}]}}, "", "a", "a: hm; b: ho"),
        ({"base_resp": {"status_code": 1004, "status_msg": "hm"}}, "1004", "", "hm"),
        ({"choices": [{"error": {"message": "hm"}}]}, "", "", "hm"),
    ],
)
def test_where_it_says_so(body: object, code: str, param: str, message: str) -> None:
    """Its code, the field and the message, wherever they stand."""
    said = read_error(json.dumps(body).encode())
    assert (code, param, message) == (said.code, said.param, said.message)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}]}, None),
        ({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}], "error": None}, None),
        ({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}], "error": {"message": "a warning"}}, None),
        ({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}], "base_resp": {"status_code": 0}}, None),
        ({"choices": [{"message": {"content": "4"}}], "error": {"message": "hm"}}, 502),
        ({"choices": None}, None),
        ({"choices": None, "error": {"type": "invalid_request_error", "message": "hm"}}, 400),
        ({"choices": None, "error": {"message": "Invalid API key"}}, 401),
        ({"choices": None, "error": {"code": 200, "message": "hm"}}, 502),
        ({"error": {"code": "404", "message": "hm"}}, 404),
        ({"error": {"message": "hm"}}, 400),
        ({"object": "list", "data": []}, None),
        ([], None),
        ("text", None),
    ],
)
def test_errors_in_an_answer_of_status_200(body: object, status: int | None) -> None:
    """The status that it should have had; none where there is a reply, or nothing of an error."""
    assert status == status_inside(body)


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        ({"message": "requests per minute: 5"}, {}, OverloadedError),
        ({"message": "60 requests per minute, 1000 per day"}, {}, OverloadedError),
        ({"message": "your daily limit is reached"}, {}, RejectedError),
        ({"message": "quota of this month", "code": "monthly_quota"}, {}, RejectedError),
        ({"message": "slow"}, {"X-RateLimit-Remaining-Tokens-Day": "0"}, RejectedError),
        ({"message": "slow"}, {"X-RateLimit-Remaining-Tokens-Day": "10"}, OverloadedError),
        ({"message": "insufficient system resources"}, {}, OverloadedError),
        ({"message": "insufficient balance"}, {}, RejectedError),
        ({"message": "see your plan and billing details", "details": [{"retryDelay": "3s"}]}, {}, OverloadedError),
        ({"message": "hm", "code": "billing_hard_limit_reached"}, {}, RejectedError),
    ],
)
def test_what_passes(body: object, headers: dict[str, str], error: type[CallError]) -> None:
    """A 429 passes, but for an empty account and a quota of a day or longer."""
    assert type(call_error(429, json.dumps({"error": body}).encode(), headers, "x")) is error


@given(anything)
def test_it_is_total(body: object) -> None:
    """Whatever JSON comes, it is read."""
    said = read_error(json.dumps(body).encode())
    assert len(said.message) <= 200
    status = status_inside(body)
    assert status is None or 400 <= status <= 599


@given(st.binary(max_size=300), st.integers(400, 599))
def test_an_error_of_any_bytes(body: bytes, status: int) -> None:
    """Whatever comes, it is an error of one line."""
    assert "\n" not in str(call_error(status, body, {}, "x"))
