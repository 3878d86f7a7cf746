"""What can be attached: seen from its first bytes, read from files, bytes, data: URLs and allowed hosts, refused in one line."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.attachments import given as attached
from contemplate.attachments import media_type_of
from contemplate.attachments.limits import MAX_FILE
from contemplate.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"OggS\0", "audio/ogg"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"junk before\n%PDF-1.7", "application/pdf"),
        (b"#EXTM3U\nfile:///etc/passwd", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"\0\0\0\x20ftypheic", None),
        (b"", None),
    ],
)
def test_the_kind_is_seen_from_the_bytes(begins: bytes, kind: str | None) -> None:
    """What is sent on as a playlist or as markup is none."""
    assert kind == media_type_of(begins)


@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind_or_none(content: bytes) -> None:
    """It is total."""
    assert media_type_of(content) is None or "/" in str(media_type_of(content))


def test_a_file_is_called_by_its_name(tmp_path: Path) -> None:
    """And is what its bytes say."""
    (tmp_path / "chart.txt").write_bytes(PNG)  # what it calls itself does not count

    found = attached.from_path(tmp_path / "chart.txt")

    assert (found.name, found.media_type, found.content) == ("chart.txt", "image/png", PNG)


@given(st.binary(min_size=1, max_size=300))
def test_a_data_url_holds_any_bytes(content: bytes) -> None:
    """Whatever it says of its type."""
    url = f"data:text/plain;charset=utf-8;base64,{base64.b64encode(PNG + content).decode()}"

    assert PNG + content == attached.from_data_url(url).content


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("data:image/png;base64,!!!", "its Base64 is damaged"),
        ("data:image/png", "is no data: URL"),
        ("data:text/plain,hello", "text and Markdown are documents"),
        ("data:,", "the file is empty"),
    ],
)
def test_data_urls_that_are_refused(url: str, said: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=said):
        attached.from_data_url(url)


def test_files_that_are_refused(tmp_path: Path) -> None:
    """By name, in one line; a pipe is not waited for."""
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "notes.md").write_text("words", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "long").open("wb") as file:
        file.write(PNG)
        file.truncate(MAX_FILE + 1)

    told = {"none": "no such file", "empty": "the file is empty", "notes.md": "--file", "pipe": "can't be read", "long": "over"}
    for name, said in told.items():
        with pytest.raises(InputError, match=f"{name}: .*{said}"):
            attached.from_path(tmp_path / name)
    with pytest.raises(InputError, match="a folder"):
        attached.from_path(tmp_path)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://localhost:1/picture.png")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/picture.png" else 404)
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """A server of one picture."""
    server = HTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_only_on_an_allowed_host(site: str) -> None:
    """Nor is a redirect followed to another one."""
    assert PNG == attached.from_address(f"{site}/picture.png", ["127.0.0.1"]).content
    for path, hosts, said in (
        ("/picture.png", [], "allow this host: --allow-url 127.0.0.1"),
        ("/picture.png", ["example.org"], "allow this host"),
        ("/away", ["127.0.0.1"], "redirects to http://localhost:1"),
        ("/none", ["127.0.0.1"], "the server answers 404"),
    ):
        with pytest.raises(InputError, match=said):
            attached.from_address(f"{site}{path}", hosts)


@pytest.mark.parametrize("url", ["https://user@example.org/x", "https:///x", "http://[::1/x"])
def test_addresses_that_are_none(url: str) -> None:
    """Credentials in them are refused, too."""
    with pytest.raises(InputError, match="no address"):
        attached.from_address(url, ["example.org", "user"])
