"""The page as one HTML file. Its policy allows its own script and its own style, by their digests, and nothing else.

Where the question came with pictures, it holds small ones, and the policy allows pictures inside of the file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html import escape

from contemplate.text.visible import visible
from contemplate.viewer.assets import asset, script_of
from contemplate.viewer.model import PageModel

_SCRIPTS = (
    "elements",
    "core",
    "filters",
    "turns",
    "attachments",
    "story",
    "scene",
    "graph",
    "timeline",
    "transcript",
    "vote",
    "claims",
    "beside",
    "live",
    "main",
)
"""The parts of the script, in order."""
_UNSAFE = re.compile("[<>&\u2028\u2029]")
"""What could end the block that the data stand in, or begin another."""


def page(model: PageModel) -> str:
    """The file; all that anybody said in it is data, and is put on the page as text."""
    script, style = _script(), asset("page.css")
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        f"{'img-src data:; ' if _has_pictures(model) else ''}base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(visible(model.title))} · contemplate</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            asset("body.html").rstrip(),
            f'<script type="application/json" id="data">{data_of(model)}</script>',
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _has_pictures(model: PageModel) -> bool:
    return any(part.thumbnail for attachment in model.attachments for part in attachment.parts)


def data_of(model: PageModel) -> str:
    """The values of a page as JSON that can't end the block that it stands in."""
    text = json.dumps(_visible(model.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _visible(value: object) -> object:
    """A JSON value with each text in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(one) for one in value]
    if isinstance(value, dict):
        return {name: _visible(one) for name, one in value.items()}
    return value


def _source(content: str) -> str:
    """The content of an element as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _script() -> str:
    return script_of(asset(f"{name}.js") for name in _SCRIPTS)
