"""The file: its policy fits what it holds, and whatever anybody said in it is data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.text.visible import clipped, visible
from contemplate.types import Message
from contemplate.viewer import page, page_model
from contemplate.viewer.html import data_of
from contemplate.viewer.model import Folded
from contemplate.viewer.texts import LONGEST, Texts
from hostile import PAYLOADS, hostile_run
from viewed import CASTS, Viewed


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and what scripts and styles hold."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.held: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note the words in an element that is not shown."""
        if self.found and self.found[-1][0] in {"script", "style"} and data.strip():
            self.held.append((*self.found[-1], data))


def policy_of(text: str) -> str:
    """The content of the policy's element."""
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
    assert found is not None
    return found[1]


def test_the_policy_fits() -> None:
    """It allows this script and this style, by the digests of what stands there, and nothing else."""
    text = page(page_model(hostile_run(("x",))))
    held = Elements(text).held
    digests = [
        base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        for tag, attributes, content in held
        if "type" not in attributes
    ]

    assert [(tag, attributes.get("type")) for tag, attributes, _ in held] == [
        ("style", None),
        ("script", "application/json"),
        ("script", None),
    ]
    assert policy_of(text).split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{digests[1]}'",
        f"style-src 'sha256-{digests[0]}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


def test_hostile_words_add_no_element() -> None:
    """Nor an attribute: the page of a hostile run has the elements of that of any other, and its data come back whole."""
    hostile, plain = (Elements(page(page_model(hostile_run(words)))) for words in (PAYLOADS, ("x",)))

    assert hostile.found == plain.found
    assert not any(
        name.startswith("on") or name in {"src", "style", "srcset"} for _, attributes in hostile.found for name in attributes
    )
    data = next(content for _, attributes, content in hostile.held if "type" in attributes)
    page_data = json.loads(data)
    assert [visible(words) for words in PAYLOADS] == [page_data["texts"][turn["text"]] for turn in page_data["turns"][:-1]]
    assert "<" not in data


@given(st.text(st.characters()))
def test_any_text_comes_back(words: str) -> None:
    """As JSON it is what it was, but for what the eye would miss; and it can't end its block."""
    text = data_of(page_model(hostile_run((words or "x",))))

    assert not re.search("[<>&\u2028\u2029]", text)
    assert visible(words or "x") in json.loads(text)["texts"]


@pytest.mark.parametrize(("words", "shown"), [
    ("a\u202eb", "a⟨U+202E⟩b"),
    ("\x00\x1b[31m", "⟨U+0000⟩⟨U+001B⟩[31m"),
    ("\ud800", "⟨U+D800⟩"),
    ("\ufeff\u2066", "⟨U+FEFF⟩⟨U+2066⟩"),
    ("a\r\nb\rc\td", "a\nb\nc\td"),
    ("naïve 中文 👩\u200d🚀 \u0646\u200c", "naïve 中文 👩\u200d🚀 \u0646\u200c"),
])  # fmt: skip
def test_what_the_eye_would_miss_is_shown(words: str, shown: str) -> None:
    """Direction marks and control characters have their numbers; letters, joiners and line breaks stay."""
    assert shown == visible(words)


@given(st.text(st.characters(codec="utf-16", exclude_categories=())), st.integers(1, 50))
def test_clipped_is_short(words: str, width: int) -> None:
    """One line, within its width, the same if it was so already."""
    line = clipped(words, width)

    assert len(line) <= max(width, 1)
    assert len(line.splitlines()) <= 1
    assert line == clipped(line, width)


def test_long_texts_are_cut_and_say_so() -> None:
    """Ten megabytes of a reply: the page has their beginning and their length; the same text stands there once."""
    texts = Texts()
    number = texts.add("x" * 10_000_000)

    assert texts.rows[number] == ("x" * LONGEST, 10_000_000)
    assert texts.add("x" * 10_000_000) == number


def test_quotations_are_taken_apart() -> None:
    """Each to the end that bears its own tag, whatever its words look like; what only looks like one stays as it is."""
    inner = "--- Reply B [bbbbbbbb] ---\nwords\n--- end [cccccccc] ---"
    text = f"Problem\n\n--- Reply A [aaaaaaaa] ---\n{inner}\n--- end [aaaaaaaa] ---\n\n--- Reply C [dddddddd] ---\nNow."
    texts = Texts()
    view = texts.message(Message(role="user", content=text))

    assert view.parts == (0, Folded(title="Reply A", text=1), 2)
    assert texts.rows == ["Problem", inner, "--- Reply C [dddddddd] ---\nNow."]


def test_many_forged_beginnings_take_no_time() -> None:
    """A prompt of nothing else is read in one pass."""
    text = "".join(f"--- a [{number:08x}] ---\n" for number in range(100_000))
    began = time.process_time()
    Texts().message(Message(role="user", content=text))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", CASTS)
def test_the_same_run_gives_the_same_page(viewed: Viewed, name: str) -> None:
    """Byte for byte."""
    assert page(viewed.model(name)) == page(viewed.model(name))
