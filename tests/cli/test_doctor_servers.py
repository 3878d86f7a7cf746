"""`doctor` finds the servers that run on this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from command import Cli
from contemplate.cli import doctor
from loopback import Loopback


def told(cli: Cli) -> list[str]:
    """What it says of such servers."""
    return [one["text"] for one in cli("doctor", "--json").json if one["name"] == "server here"]


def port_of(server: Loopback) -> int:
    """Where a server listens."""
    port = urlsplit(server.url).port
    assert port is not None
    return port


def test_their_models_stand_ready_to_paste(cli: Cli, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its address; quoted where a shell would read it as something else."""
    loopback.listing = {"data": [{"id": "qwen3"}, {"id": "two words"}]}
    port = port_of(loopback)
    monkeypatch.setattr(doctor, "USUAL_PORTS", {"Ollama": port, "vLLM": 9})
    begins = f"Ollama runs here: --base-url http://127.0.0.1:{port}/v1 --model"
    assert [f"{begins} qwen3", f"{begins} 'two words'"] == told(cli)


@pytest.mark.parametrize("listing", [404, {"data": []}, "no list", {"data": [{"id": "two\nlines"}, {"id": "x" * 201}]}])
def test_what_has_no_models_is_not_named(cli: Cli, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, listing: object) -> None:
    """Something else may listen there."""
    loopback.listing = listing
    monkeypatch.setattr(doctor, "USUAL_PORTS", {"llama.cpp": port_of(loopback)})
    assert [] == told(cli)


def test_nothing_listens(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault."""
    monkeypatch.setattr(doctor, "USUAL_PORTS", {"Ollama": 9})
    assert [] == told(cli)
