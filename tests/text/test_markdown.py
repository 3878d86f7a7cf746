"""Markdown of a model does nothing when it is rendered: it loads nothing, leads nowhere, and holds no HTML of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contemplate.text.markdown import harmless, plain

_SHARDS = (
    *("<img src=http://x.y/z>", "<script>", "</script>", "<a href='x'>", "<!--", "-->", "<http://x.y>", "&lt;b>", "&#60;b>"),
    *(
        "![a](http://x.y)",
        "[a](javascript:x)",
        "[a][b]",
        "[b]: http://x.y",
        "[b]",
        "![b]",
        "[",
        "]",
        "(",
        ")",
        "(x)",
        "!",
        ":",
        "b",
    ),
    *(
        "http://x.y",
        "www.x.y",
        "a@b.cd",
        "`",
        "``",
        "```",
        "~~~",
        "```html\n",
        "\n```",
        "\n~~~\n",
        "    ",
        "\t",
        "\\",
        "\\\\",
        "|",
    ),
    *(
        "\n",
        "\n\n",
        " ",
        "\n- ",
        "\n> ",
        "\n1. ",
        "\n# ",
        "\n| a | b |\n|---|---|\n| ",
        "---",
        "\n---\n",
        "===",
        "*",
        "_",
        "$",
        "{",
        "}",
    ),
    *("[^1]", "[^1]: x", "a", "<", ">", "&", ":::"),
)
_TEXTS = st.lists(st.sampled_from(_SHARDS), max_size=25).map("".join)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^<>]*)>")
_OWN = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "br", "s"}
_OWN |= {"table", "thead", "tbody", "tr", "th", "td"}


def rendered(text: str) -> str:
    """HTML of Markdown with all that GitHub has, and with HTML passed through."""
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def live(html: str) -> list[str]:
    """The tags in HTML that are not those of plain text, or have attributes that are not those of lists, tables and code."""
    tags = [(match[2].lower(), match[3].strip()) for match in _TAG.finditer(html)]
    allowed = re.compile(r'(?:start="\d+"|style="text-align:\w+"|class="language-[\w+#.-]+"|/)?\Z')
    return [f"{name} {rest}" for name, rest in tags if name not in _OWN or not allowed.match(rest)] + re.findall(
        r"<!--|<[?!]", html
    )


@given(_TEXTS, st.lists(st.integers(0, 200), max_size=4))
def test_an_answer_does_nothing(text: str, places: list[int]) -> None:
    """Whatever it holds, and wherever numbers of claims are put; and what comes behind it is not drawn into it."""
    marks = {place: " [1]" for place in places if place <= len(text)}
    html = rendered(f"{harmless(text, marks)}\n\n## Behind\n\n- end")
    assert live(html) == []
    assert "<h2>Behind</h2>" in html


@given(_TEXTS)
def test_a_field_is_text(text: str) -> None:
    """In an item, and in a cell: all of it is shown, and nothing else."""
    html = rendered(f"- {plain(text)}\n\n| {plain(text)} | b |\n|---|---|\n| c | {plain(text)} |")
    assert live(html) == []
    shown = " ".join(text.split())
    assert html.count("<li>") == 1
    item = re.sub(r"<[^>]*>", "", html.partition("</ul>")[0])
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        item = item.replace(entity, sign)
    assert item.strip() == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\n- **b** *c*\n  1. d\n\n> e\n\n| f | g |\n|---|---|\n| h | i |", None),
        ("`a[1] < b` and $x_1 < 2$", "`a[1] < b` and $x_1 &lt; 2$"),
        ("```py\na[1] = '<b>'\n```", None),
        ("```mermaid\ngraph\n```", "```\ngraph\n```"),
        ("```{include} /etc/passwd\n```", "```\n```"),
        ("```\nopen", "```\nopen\n```"),
        ("~~~\n```\n~~~\nx", "````\n```\n````\nx"),
        ("![x](http://y)", "!\\[x\\](http\\://y)"),
        ("[x](javascript:y)", "\\[x\\](javascript:y)"),
        ("\\[x](y)", "\\[x\\](y)"),
        ("see www.x.y or a@b.c", "see www\\.x.y or a\\@b.c"),
        ("---\nlayout: x\n---", "***\nlayout: x\n---"),
        ("$\\href{javascript:x}{y}$", "$\\\\href{javascript:x}{y}$"),
        ("a ` b", "a \\` b"),
        ("- ~~~", "- \\~~\\~"),
    ],
)
def test_what_is_kept(text: str, expected: str | None) -> None:
    """Form and code; the rest is shown as it was written."""
    assert harmless(text) == (text if expected is None else expected)


def test_marks() -> None:
    """Behind the sentence, in the last cell of a row, below a block of code; never where they would make a link."""
    text = "Safe.(x) So.\n| a | b |\n```\nx\n```\nEnd"
    marks = {5: " [1]", 12: " [2]", 22: " [3]", 32: " [4]", 36: " [5]"}
    assert harmless(text, marks) == "Safe. [1] (x) So. [2]\n| a | b [3] |\n```\nx\n```\n[4]\nEnd [5]"
