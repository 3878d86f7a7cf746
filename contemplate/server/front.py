"""The page at `/`: its body, its script and its style, which are shipped with the package and load nothing from elsewhere.

It is drawn as the trace page is, from the same style and the same way of making elements.
"""

from __future__ import annotations

import hashlib
from functools import cache
from html import escape

from starlette.responses import Response

from contemplate._version import __version__
from contemplate.server.refused import RefusedError
from contemplate.text import one_line
from contemplate.viewer.assets import asset, script_of

_OWN = "contemplate.server"
_SCRIPTS = ("talk", "asking", "files", "groups", "board", "came", "listed", "running", "start")
"""The parts of the script, in order; how elements are made stands before them."""
_TYPES = {"ask.js": "text/javascript", "ask.css": "text/css", "icon.svg": "image/svg+xml"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cache-Control": "no-store",
}


def front_page(*, token: bool) -> str:
    """The page.

    Args:
        token: whoever opens it must show one first.
    """
    wanted = ' data-token="wanted"' if token else ""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            "<title>contemplate</title>",
            '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">',
            '<link rel="stylesheet" href="/assets/ask.css">',
            '<script src="/assets/ask.js" defer></script>',
            "</head>",
            f'<body{wanted} data-version="{escape(__version__)}">',
            asset("body.html", _OWN).rstrip(),
            "</body>",
            "</html>",
            "",
        ]
    )


def asset_response(name: str, known: str | None) -> Response:
    """A file of the page; nothing but a status where the browser has it.

    Raises:
        RefusedError: there is no such file.
    """
    if name not in _TYPES:
        raise RefusedError(f"there is nothing at '/assets/{one_line(name, 100)}'", 404, code="not_found")
    content = _content(name)
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if known == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_TYPES[name], headers=headers)


@cache
def _content(name: str) -> bytes:
    if name == "ask.js":
        parts = [asset("elements.js"), *(asset(f"{part}.js", _OWN) for part in _SCRIPTS)]
        return script_of(parts).encode()
    if name == "ask.css":
        return (asset("page.css") + asset("ask.css", _OWN)).encode()
    return asset(name, _OWN).encode()
