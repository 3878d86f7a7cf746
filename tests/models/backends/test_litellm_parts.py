"""Pictures and sound through the real litellm: what servers in the forms of Anthropic and Gemini receive.

It is imported in a process of its own, as in `test_litellm`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
"""litellm takes seconds to import."""

CALLS = """
import asyncio, hashlib, json, sys
from contemplate.errors import ContemplateError
from contemplate.models.backends.litellm import LiteLLMBackend
from contemplate.types import Blob, Message, Request, Sampling, Text

def blob(content, mime):
    return Blob(sha256=hashlib.sha256(content).hexdigest(), mime=mime, size=len(content), content=content)

async def main():
    said = []
    for model, parts in json.loads(sys.argv[2]):
        backend = LiteLLMBackend(model.partition("/")[0], base_url=sys.argv[1], api_key="made-up", timeout=20)
        content = (Text(text="What is it?"), *(blob(text.encode(), mime) for text, mime in parts))
        request = Request(model=model, messages=(Message(role="user", content=content),), sampling=Sampling(max_tokens=9))
        for _ in range(2):
            try:
                said.append((await backend.complete(request)).text)
            except ContemplateError as error:
                said.append(type(error).__name__ + " " + str(getattr(error, "what", "")))
        await backend.aclose()
    print(json.dumps(said))

asyncio.run(main())
"""
PICTURE, SOUND = ("picture", "image/png"), ("sound", "audio/wav")


class _Providers(BaseHTTPRequestHandler):
    """Answers in the form of whichever provider's path is asked for; the one called `blind` takes no pictures."""

    seen: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append(body)
        status, said = 200, _gemini()
        if self.path.endswith("/messages"):
            blind = "blind" in body["model"]
            status, said = (400, _refusal()) if blind else (200, _anthropic())
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _anthropic() -> dict[str, Any]:
    head = {"id": "x", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn"}
    return {**head, "content": [{"type": "text", "text": "seen"}], "usage": {"input_tokens": 1, "output_tokens": 1}}


def _gemini() -> dict[str, Any]:
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    return {"candidates": [{"content": {"parts": [{"text": "heard"}]}, "finishReason": "STOP"}], "usageMetadata": usage}


def _refusal() -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": "This model does not support image input."}}


@pytest.fixture
def providers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of the server, and what it has seen."""
    handler = type("Handler", (_Providers,), {"seen": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_parts_in_the_form_of_each_provider(providers: tuple[str, list[dict[str, Any]]]) -> None:
    """A picture at Anthropic, a picture and a sound at Gemini; a refusal of pictures is learned, and sent once."""
    url, seen = providers
    asked = [
        ("anthropic/claude-sonnet-4-5", [PICTURE]),
        ("gemini/gemini-2.5-flash", [PICTURE, SOUND]),
        ("anthropic/claude-blind", [PICTURE]),
    ]
    done = subprocess.run(
        [sys.executable, "-c", CALLS, url, json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )

    assert done.returncode == 0, done.stderr
    unsupported = "UnsupportedError image"
    assert json.loads(done.stdout) == ["seen", "seen", "heard", "heard", unsupported, unsupported]
    assert len(seen) == 5
    (_, picture) = seen[0]["messages"][0]["content"]
    assert picture["source"] == {"type": "base64", "media_type": "image/png", "data": "cGljdHVyZQ=="}
    _, first, second = seen[2]["contents"][0]["parts"]
    assert first["inline_data"] == {"mime_type": "image/png", "data": "cGljdHVyZQ=="}
    assert second["inline_data"] == {"mime_type": "audio/wav", "data": "c291bmQ="}
