"""The settings of Sphinx; the pages that it reads are laid out by build.py."""

from __future__ import annotations

from typing import Any

from pygments.lexers.data import JsonLexer
from pygments.lexers.special import TextLexer

from contemplate import __version__

project = "contemplate"
author = "the authors of contemplate"
release = version = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 5
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["misc.highlighting_failure"]  # outputs and excerpts are no whole programs
html_theme = "furo"
html_title = f"contemplate {__version__}"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
nitpicky = True


def setup(app: Any) -> None:  # noqa: ANN401 - Sphinx
    """Name the languages of blocks that Pygments does not know."""
    app.add_lexer("jsonl", JsonLexer)
    app.add_lexer("text", TextLexer)
