"""Claims are read from the list with which a reply ends, however it is written, and else sentence by sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import MOST_PER_SEAT, listed, sentences
from contemplate.claims.listed import LONGEST

_TWO = ("PostgreSQL has transactions.", "MongoDB needs no schema.")


@pytest.mark.parametrize(
    "reply",
    [
        "Take it.\n\nClaims:\n1. {0}\n2. {1}",
        "Take it.\n\n**Claims:**\n\n1. {0}\n2. {1}\n\nGood luck!",
        "Take it.\n\n### Claims\n- {0}\n- {1}",
        "Take it.\n\n## Key Claims\n* {0}\n\n* {1}",
        "Take it.\n\n**Key claims**\n1) **{0}**\n2) {1}",
        "Take it.\n\nClaims that my answer rests on:\n(1) {0}\n(2) {1}",
        "Take it.\n\nHere are my numbered claims:\n[1] {0}\n[2] {1}",
        "Take it.\n\nCLAIMS:\nClaim 1: {0}\nClaim 2: {1}",
        "Take it.\n\nClaims:\nC1: {0}\nC2: {1}",
        "Take it.\n\nClaims: 1. {0} 2. {1}",
        "Take it.\n\nClaims:\n{0}\n{1}\n\nThat is all.",
        "Take it.\n\n2. Claims\n\n1. {0}\n2. {1}\n---\n",
        "Take it.\r\n\r\nClaims:\r\n1. {0}\r\n2. {1}\r\n",
        "Nimm es.\n\nBehauptungen:\n1. {0}\n2. {1}",
        "Prenez-le.\n\nAffirmations :\n1. {0}\n2. {1}",
        "Tómalo.\n\nAfirmaciones:\n• {0}\n• {1}",
        "选它。\n\n主张：\n1、{0}\n2、{1}",
        "Claims:\n1. The old ones.\n\nNo, once more.\n\nClaims:\n1. {0}\n2. {1}",
        "<think>Claims:\n1. Hm.</think>Claims:\n1. {0}\n2. {1}",
    ],
)
def test_a_list_is_read_as_models_write_it(reply: str) -> None:
    """Under any heading of the kind, numbered, dashed or bare; the last list counts."""
    found = listed(reply.format(*_TWO))
    assert found is not None
    assert found.claims == _TWO


def test_the_list_is_taken_out_of_the_prose() -> None:
    """The rest of the reply stands as it was."""
    found = listed("Take PostgreSQL.\n\nClaims:\n1. It is safe.\n2. It is free.\n\n## Risks\nNone.")
    assert found is not None
    assert found.prose == "Take PostgreSQL.\n\n## Risks\nNone."


def test_an_item_may_go_over_several_lines() -> None:
    """Lines that go on, and what is indented below an item, belong to it."""
    found = listed("Claims:\n1. It scales\nvery well.\n   - to ten nodes\n2. It is free.")
    assert found is not None
    assert found.claims == ("It scales very well. to ten nodes", "It is free.")


@pytest.mark.parametrize(
    "reply", ["", "Take it.", "He claims it.\n1. One.\n2. Two.", "Claims:", "Claims:\n1. None", "1. One.\n2. Two."]
)
def test_no_list_is_none(reply: str) -> None:
    """A list without its heading may be of anything."""
    found = listed(reply)
    assert found is None or found.claims == ()


def test_copies_count_once_and_too_many_are_cut() -> None:
    """A seat that writes the same claim again and again makes it once; of very many the first twelve count."""
    claims = [f"Reason {number} is a good one." for number in range(500)]
    found = listed("Claims:\n" + "\n".join(f"{number}. {claim}" for number, claim in enumerate([*claims[:40], *claims])))
    copies = listed("Claims:\n1. It is free!\n2. it is **free**\n3. It is  free.")
    assert found is not None
    assert copies is not None
    assert (len(found.claims), found.claims[0], copies.claims) == (MOST_PER_SEAT, claims[0], ("It is free!",))
    assert found.cut > 0


@given(st.text(max_size=400))
def test_any_text_gives_bounded_claims_on_one_line(reply: str) -> None:
    """Reading is total."""
    for found in (listed(f"Claims:\n{reply}"), listed(reply), sentences(reply)):
        for claim in found.claims if found else ():
            assert claim == " ".join(claim.split())
            assert 0 < len(claim) <= LONGEST


def test_hostile_text_takes_no_time() -> None:
    """Very long lines, very many headings."""
    for reply in ("Claims:\n" * 20_000, "Claims:\n" + "1. " * 50_000, "*" * 100_000, "Claims " + "a " * 50_000, "(" * 90_000):
        assert listed(reply) is None or len(listed(reply).claims) <= MOST_PER_SEAT  # type: ignore[union-attr]
        assert len(sentences(reply).claims) <= MOST_PER_SEAT


def test_sentences_are_claims_where_nothing_is_listed() -> None:
    """Questions, headings, pleasantries, code and lines that only lead on are none; "it" stays with what it stands for."""
    reply = (
        "Sure! Here is my answer.\n# PostgreSQL or MongoDB?\nUse PostgreSQL, e.g. version 16. It costs nothing to license."
        " Is it fast? **Scaling**: It scales to very large sizes.\nThe reasons are:\n1. It has strict transactions.\n"
        "```python\nprint('This is some code here.')\n```\nI hope this helps you to decide! Let me know about further questions."
    )
    assert sentences(reply).claims == (
        "Use PostgreSQL, e.g. version 16. It costs nothing to license.",
        "Scaling: It scales to very large sizes.",
        "It has strict transactions.",
    )
