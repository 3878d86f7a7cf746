"""What notebooks show, in a real browser that is told to allow everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser import chromium, opened
from contemplate.text.visible import visible
from contemplate.trace.events import RunStarted, TurnEnded, TurnStarted
from contemplate.types import AnswerKind, Question, Usage
from contemplate.viewer.progress import NotebookProgress
from hostile import PAYLOADS, hostile_outcome, hostile_run


def pictures(words: tuple[str, ...], kind: AnswerKind, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each picture of the progress of a hostile run."""
    found: list[str] = []

    class Handle:
        def update(self, bundle: dict[str, str], *, raw: bool) -> None:
            assert raw
            found.append(bundle["text/html"])

    def display(bundle: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert display_id
        Handle().update(bundle, raw=raw)
        return Handle()

    monkeypatch.setattr("contemplate.viewer.progress.notebook_display", lambda: display)
    show, everything = NotebookProgress(every=0), " ".join(words)
    show(RunStarted(run="r", question=Question(text="?"), strategy=everything, models=(everything,)))
    for turn, _ in hostile_run(words, kind).turns:
        show(TurnStarted(run="r", id=turn.id, verb=turn.verb, seat=turn.seat, model=turn.model))
        show(TurnEnded(run="r", turn=turn, cached=False, usage=Usage()))
    show.close()
    return found


@pytest.mark.parametrize("kind", ["number", "open"])
def test_hostile_words_do_nothing(kind: AnswerKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As innerHTML is set, and as a page is read: nothing runs, nothing is asked for, and the words stand there."""
    outcome = hostile_outcome(kind=kind)
    shown = [outcome._repr_html_(), outcome.trace._repr_html_(), *pictures(PAYLOADS, kind, monkeypatch)[-2:]]
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{''.join(shown)}", encoding="utf-8")
    with chromium() as browser, opened(browser, file) as it:
        it.page.evaluate(
            "(parts) => parts.forEach((part) => { document.body.append(document.createElement('div'));"
            " document.body.lastChild.innerHTML = part; })",
            shown,
        )
        it.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        it.page.wait_for_timeout(100)
        words = it.page.evaluate("document.body.textContent")

        assert it.quiet()
        assert [] == [one for one in PAYLOADS if visible(one).split()[0] not in words]
        assert it.page.locator("script, iframe, img, svg, style, form, input, base, a, body meta").count() == 0
