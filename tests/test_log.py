"""Logs reach the application's own handlers, with their fields."""

from __future__ import annotations

import logging

import pytest

from contemplate import ScriptedBackend, solve


async def test_failed_turns_are_warnings_with_fields(caplog: pytest.LogCaptureFixture) -> None:
    """Structured, on the logger "contemplate"."""
    with caplog.at_level(logging.INFO, logger="contemplate"):
        outcome = await solve("1?", "single", backend=ScriptedBackend(["hm"]), answer="number", ledger=":memory:")

    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [(record.getMessage(), vars(record)["run"], vars(record)["turn"], vars(record)["kind"]) for record in warnings] == [
        ("turn failed", outcome.run, outcome.trace.turns[0].id, "no-answer")
    ]
    assert [record.getMessage() for record in caplog.records][0::2] == ["run started", "run ended"]


async def test_the_library_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the program."""
    await solve("1?", "single", backend=ScriptedBackend(["Answer: 1"]), answer="number", ledger=":memory:")

    assert capfd.readouterr().out == ""
