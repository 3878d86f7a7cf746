"""What the page about programs says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contemplate.catalogue import Catalogue
from contemplate.tools import ProgramLimits, Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "programs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \|$", PAGE.partition("| program | comes to |")[2], re.MULTILINE)


@pytest.mark.parametrize(("code", "comes_to"), ROWS)
async def test_a_program_comes_to_what_the_page_says(code: str, comes_to: str) -> None:
    """Each row of its table is run."""
    program = await Sandbox().run(code)
    printed = re.match(r"prints `(.+?)`", comes_to)

    if printed:
        assert program.output.strip() == printed[1]
    else:
        assert comes_to == ("runs" if program.failed is None else f"`{program.failed}`")


def test_the_table_is_read() -> None:
    """So that the test above is not empty."""
    assert len(ROWS) >= 20


def test_the_limits_are_those_of_the_code() -> None:
    """In the page's table."""
    limits = ProgramLimits()

    assert f"| {limits.seconds:g} s; sleeping takes none |" in PAGE
    assert f"| {limits.memory // 1024**2} MiB |" in PAGE
    assert f"| {limits.output:,} bytes |" in PAGE
    assert f"| {limits.recursion} |" in PAGE


async def test_what_the_card_allows_can_be_imported() -> None:
    """And what it says is missing can't."""
    told = Catalogue().card("programmer").instruction
    allowed = re.search(r"You may import ([a-z, ]+);", told)
    missing = re.search(r"\(no ([a-z, ]+)\)", told)

    assert allowed is not None
    assert missing is not None
    names, others = (re.split(r",? and |,? or |, ", found[1]) for found in (allowed, missing))
    assert {(await Sandbox().run(f"import {name}")).failed for name in names} == {None}
    assert {(await Sandbox().run(f"import {name}")).failed for name in others} == {"unsupported"}
