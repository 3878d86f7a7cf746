"""Long text for a reader: wrapped and coloured on a terminal, else as it is."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Literal

from contemplate.text import printable


class Page:
    """Prints paragraphs to standard output.

    On a terminal they are wrapped to its width between words, and have colours unless `NO_COLOR` is set or it has none. Anywhere
    else they stay as they are, so that what reads them finds the lines that were written. No text is taken for markup.
    """

    def __init__(self) -> None:
        """Print to what standard output is now."""
        self._console = None
        if sys.stdout is not None and sys.stdout.isatty():
            from rich.console import Console

            width, height = shutil.get_terminal_size()  # rich takes 80 columns for a terminal that it calls dumb
            colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
            self._console = Console(color_system=colours, width=width, height=height, highlight=False, markup=False, emoji=False)

    def put(self, text: str = "", style: str = "") -> None:
        """Print `text`, which may come from a model, and end the line; `style` is in rich's words, for a terminal."""
        if self._console is None:
            print(printable(text))
            return
        from rich.text import Text

        self._console.print(Text(printable(text), style=style, overflow="fold"))
