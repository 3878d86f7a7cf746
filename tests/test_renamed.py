"""Old names of the ledger, question sets and recorded samples, kept for one release."""

from __future__ import annotations

from importlib import import_module

import pytest

from contemplate.ledger import open_ledger


@pytest.mark.parametrize(
    ("package", "old", "new"),
    [
        ("contemplate.ledger", "default_place", "default_location"),
        ("contemplate.ledger", "public_place", "public_location"),
        ("contemplate.experiments.questions", "load", "load_questions"),
        ("contemplate.analysis.records", "load", "load_records"),
        ("contemplate.analysis.redecide", "Row", "RedecisionRow"),
    ],
)
def test_an_old_name_warns_and_is_the_new_one(package: str, old: str, new: str) -> None:
    """An old name goes on working, and says what to write instead."""
    module = import_module(package)

    with pytest.warns(DeprecationWarning, match=f"{package}.{old} is called {package}.{new} now"):
        found = getattr(module, old)

    assert getattr(module, new) is found


@pytest.mark.anyio
async def test_the_old_attribute_of_a_ledger_warns() -> None:
    """`ledger.place` is called `location`."""
    ledger = await open_ledger(":memory:")
    try:
        with pytest.warns(DeprecationWarning, match="is called 'SQLiteLedger.location' now"):
            found = getattr(ledger, "place")  # noqa: B009 - a type checker does not know the old name
    finally:
        await ledger.aclose()

    assert ":memory:" == found
