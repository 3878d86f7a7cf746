"""Base URLs: which are taken, in what form, and what is said about the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import EndpointError
from contemplate.models.backends.address import check_base_url, proxy_of


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        (" HTTPS://API.Example.com/V1/ ", "https://api.example.com/V1"),
        ("http://localhost:8000/v1/chat/completions/", "http://localhost:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_normal_form(url: str, normal: str) -> None:
    """Trailing slashes and the path of calls go; host and scheme are lower case."""
    assert normal == check_base_url(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("localhost:8000/v1", "did you mean 'http://localhost:8000/v1'"),
        ("ftp://host/v1", "must begin with http"),
        ("http:///v1", "names no host"),
        ("http://host:port/v1", "[Pp]ort"),
        ("http://host:99999/v1", "[Pp]ort"),
        ("http://host/v1?key=1", r"before '\?'"),
        ("http://host/a b", "characters"),
        ("http://host/\x1b[2J", "characters"),
        ("http://" + "a" * 3000, "too long"),
        ("", "must begin"),
        ("http://[::1", "IPv6"),
    ],
)
def test_malformed(url: str, says: str) -> None:
    """Each malformed address is refused in one line that says what is wrong."""
    with pytest.raises(EndpointError, match=says):
        check_base_url(url)


@pytest.mark.parametrize("url", ["http://user:hunter22@host/v1", "https://hunter22@host", "user:hunter22@host/v1"])
def test_passwords_are_refused_and_not_repeated(url: str) -> None:
    """An address with a password is refused, and the message does not hold it."""
    with pytest.raises(EndpointError) as caught:
        check_base_url(url)
    assert "hunter22" not in str(caught.value)


@given(st.text() | st.text().map("http://".__add__))
def test_checking_is_total(text: str) -> None:
    """Any text is an address in normal form, or an EndpointError."""
    try:
        normal = check_base_url(text)
    except EndpointError:
        return
    assert normal == check_base_url(normal)


def test_proxies_are_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is used for other hosts, never for this machine."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "near.example")
    urls = ["http://far.example/v1", "http://near.example/v1", "http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]/v1"]
    assert ["http://proxy.example:3128", None, None, None, None] == [proxy_of(url) for url in urls]
