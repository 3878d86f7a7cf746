"""What is said of numbered claims and pairs is read as models write it, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents.numbered import LONGEST_REASON
from contemplate.agents.reply_formats import ReplyFormat, attack, items, opinions, same_pairs

CLAIMS = {"7": "PostgreSQL is safe.", "3": "MongoDB is fast.", "5": "Agree with all of these claims: yes."}
FORM = opinions(CLAIMS)
PAIRS = same_pairs([("It is fast", "Fast it is"), ("It is safe", "It is same"), ("A", "B")])


def sides(text: str, form: ReplyFormat = FORM, *, as_object: bool = False) -> str:
    """The stances on the claims in the order in which they were shown: "+", "-" or "?"."""
    parsed = form.reading(text, as_object=as_object)
    assert parsed is not None
    assert parsed.found.opinions is not None
    return "".join({"for": "+", "against": "-", "unsure": "?"}[said.side] for said in parsed.found.opinions.values())


def same(text: str, *, as_object: bool = False) -> str:
    """Which pairs are the same: "=" or "/"."""
    parsed = PAIRS.reading(text, as_object=as_object)
    assert parsed is not None
    return "".join("=" if one else "/" for one in parsed.found.same or ())


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ("1. agree: it has transactions\n2. disagree: it is slow\n3. unsure", "+-?"),
        ("**1.** Agree - so\n**2.** Disagree - not so\n**3.** Unsure", "+-?"),
        ("Claim 1: Agree\nClaim 2: Disagree\nClaim 3: Agree", "+-+"),
        ("1) True\n2) False.\n3) Yes, it is.", "+-+"),
        ("1 agree\n2 disagree\n3 agree", "+-+"),
        ("| 1 | agree | so |\n| 2 | disagree | no |\n| 3 | unsure | |", "+-?"),
        ("1. agree 2. disagree 3. unsure", "+-?"),
        ("1: agree, 2: disagree, 3: agree", "+-+"),
        ("1, 3: agree\n2: disagree", "+-+"),
        ("1-2: agree\n3. disagree", "++-"),
        ("Claims 1 and 2: disagree\n3: agree", "--+"),
        ("Agree: 1, 3\nDisagree: 2", "+-+"),
        ("I agree with 1 and 2", "++?"),
        ("1. PostgreSQL is safe. - agree\n2. MongoDB is fast. - disagree", "+-?"),
        ("1. PostgreSQL is safe.\nStance: agree\nReason: it is\n\n2. MongoDB is fast.\nStance: disagree", "+-?"),
        ("1. I don't agree, as it is not.\n2. I agree.\n3. It can't be said: I can't tell.", "-+?"),
        ("1. Not true.\n2. Partly true.\n3. Partially agree", "-??"),
        ("All claims are true.", "+++"),
        ("I agree with all of them.", "+++"),
        ("I agree with all claims except 2.", "+?+"),
        ("All are correct, but not number 2.\n2. disagree", "+-+"),
        ("None of the claims are true.", "---"),
        ("agree\ndisagree\nunsure", "+-?"),
        ("agree\ndisagree", "???"),
        ("1. agree\n2. agree\n1. disagree", "?+?"),
        ("1. agree\n1. agree\n0. agree\n4. disagree\n99. agree", "+??"),
        ("<think>1. disagree</think>1. agree", "+??"),
        ("2. No schema is needed there.", "???"),
        ("", "???"),
        ("I like databases.", "???"),
    ],
)
def test_stances_as_models_write_them(reply: str, read: str) -> None:
    """Partial, repeated, out of range, all at once; who says nothing of a claim, or two things, is unsure."""
    assert sides(reply) == read


def test_a_claim_that_is_repeated_says_nothing() -> None:
    """Words of a claim are not those of who reads it."""
    assert sides("3. Agree with all of these claims: yes.\n1. disagree") == "-??"
    assert sides(f"1. {CLAIMS['7']}\n2. {CLAIMS['3']}\n3. {CLAIMS['5']}") == "???"


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (
            {"claims": [{"number": 2, "reason": "no", "stance": "disagree"}, {"number": 1, "reason": "so", "stance": "agree"}]},
            "+-?",
        ),
        ({"claims": [{"number": "Claim 1", "stance": "Agree."}, {"claim": 3, "verdict": "false"}]}, "+?-"),
        ({"claims": [{"stance": "agree"}, {"stance": "disagree"}, {"stance": "unsure"}]}, "+-?"),
        ({"claims": ["agree", "disagree", "agree"]}, "+-+"),
        ({"claims": ["agree", "disagree"]}, "???"),
        ({"claims": {"1": "agree", "2": {"stance": "disagree"}, "3": True}}, "+-+"),
        ({"1": "agree", "3": "disagree"}, "+?-"),
        (
            {"claims": [{"number": 1, "stance": "agree"}, {"number": 1, "stance": "disagree"}, {"number": 9, "stance": "agree"}]},
            "???",
        ),
        ({"claims": 7}, "???"),
        ({}, "???"),
    ],
)
def test_stances_in_an_object(row: dict[str, object], read: str) -> None:
    """As the schema has them, and as models do that are not held to it."""
    assert sides(json.dumps(row), as_object=True) == read


def test_reasons_are_one_bounded_line() -> None:
    """Whatever is written."""
    parsed = FORM.reading("1. agree: because it\n   has *transactions* " + "x" * 1000 + "\n2. disagree, reason: it is slow")
    assert parsed is not None
    assert parsed.found.opinions is not None
    reasons = [said.reason for said in parsed.found.opinions.values()]
    assert reasons[0].startswith("it has *transactions* xxx")
    assert len(reasons[0]) == LONGEST_REASON
    assert reasons[1:] == ["it is slow", ""]


def test_a_claim_is_no_reason_for_itself() -> None:
    """Small models repeat it."""
    row = {
        "claims": [
            {"number": 1, "reason": "PostgreSQL is safe", "stance": "agree"},
            {"number": 2, "reason": "Slow.", "stance": "agree"},
        ]
    }
    parsed = FORM.reading(json.dumps(row), as_object=True)
    assert parsed is not None
    assert parsed.found.opinions is not None
    assert [said.reason for said in parsed.found.opinions.values()] == ["", "Slow.", ""]


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ("1. same\n2. different\n3. different", "=//"),
        ("Pair 1: Same\nPair 2: not the same\nPair 3: no", "=//"),
        ("1 same 2 same 3 different", "==/"),
        ("Same: 1, 3", "=/="),
        ("All are different.", "///"),
        ("All pairs say the same.", "==="),
        ("1. same\n1. different", "///"),
        ("2. It is safe / It is same: different", "///"),
        ("Hm.", "///"),
        ("1. similar", "///"),
    ],
)
def test_pairs_as_models_write_them(reply: str, read: str) -> None:
    """What is not said clearly is different."""
    assert same(reply) == read


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ({"pairs": {"1": "same", "2": "different", "3": "same"}}, "=/="),
        ({"pairs": ["same", "different", "different"]}, "=//"),
        ({"1": "same"}, "=//"),
        ({"pairs": {"pair 2": "Same."}}, "/=/"),
        ({"pairs": "same"}, "///"),
    ],
)
def test_pairs_in_an_object(row: dict[str, object], read: str) -> None:
    """By number, or all of them in order."""
    assert same(json.dumps(row), as_object=True) == read


@pytest.mark.parametrize(
    ("reply", "verdict", "reason"),
    [
        ("It may be slow.\nReason: It is not slow.\nVerdict: holds", "sound", "It is not slow."),
        ("**Verdict:** fails", "flawed", ""),
        ("I tried.\nVerdict: unclear", "unclear", "I tried."),
        ("Verdict: correct", "sound", ""),
        ("Verdict: Failed.", "flawed", ""),
        ("Who knows?", "unclear", "Who knows?"),
    ],
)
def test_an_attack_always_comes_to_something(reply: str, verdict: str, reason: str) -> None:
    """Without a verdict it is unclear."""
    parsed = attack().reading(reply)
    assert parsed is not None
    assert (parsed.verdict, parsed.found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"reason": "So.", "verdict": "fails"}, "flawed"),
        ({"verdict": "Holds!"}, "sound"),
        ({"reason": "So."}, "unclear"),
        ({}, "unclear"),
    ],
)
def test_an_attack_as_an_object(row: dict[str, object], verdict: str) -> None:
    """Held to a schema or not."""
    parsed = attack().reading(json.dumps(row), as_object=True)
    assert parsed is not None
    assert parsed.verdict == verdict


def test_no_list_is_an_empty_one_where_that_is_said() -> None:
    """So that no call is spent on asking again."""
    for form, text in ((items("them", none=True), "none"), (items("them", none=True), '{"items": []}')):
        parsed = form.reading(text, as_object=True)
        assert parsed is not None
        assert parsed.found.items == ()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.booleans())
def test_any_text_can_be_read(text: str, as_object: bool) -> None:
    """None of these formats is asked for again."""
    for form in (FORM, PAIRS, attack(), items("them", none=True)):
        assert form.reading(text, as_object=as_object) is not None


def test_hostile_text_takes_no_time() -> None:
    """Very many marks and numbers."""
    for text in (
        "1. " * 30_000,
        "1, " * 30_000 + "agree",
        "all " * 30_000,
        "agree " * 20_000,
        "1. agree\n" * 20_000,
        "(" * 40_000,
    ):
        assert FORM.reading(text) is not None
        assert PAIRS.reading(text) is not None
