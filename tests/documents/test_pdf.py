"""PDF files, taken apart in a process of its own."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest

from contemplate import Document, InputError
from contemplate.documents import pdf, read_file
from pdfs import a_nested_pdf, a_pdf

pypdf = pytest.importorskip("pypdf")


def saved(folder: Path, content: bytes) -> Path:
    """A file with that content."""
    file = folder / "spec.pdf"
    file.write_bytes(content)
    return file


def test_the_words_of_each_page(tmp_path: Path) -> None:
    """And where the pages begin, those without words among them."""
    document = Document.from_file(saved(tmp_path, a_pdf(["The pump is red.", "", "It has two valves."])))

    assert document.text == "The pump is red.\n\n\n\nIt has two valves."
    assert document.media_type == "application/pdf"
    assert [document.page_at(document.text.index(words)) for words in ("The pump", "two valves")] == [1, 3]
    assert Document(name="x", text="none").page_at(2) is None


def test_a_password(tmp_path: Path) -> None:
    """Who needs one is told so; a PDF that only forbids printing opens without."""
    for password, opens in (("secret", False), ("", True)):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(a_pdf(["Hidden words"])))
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        file = saved(tmp_path, out.getvalue())
        if opens:
            assert read_file(file).text == "Hidden words"
        else:
            with pytest.raises(InputError, match=r"spec\.pdf: this PDF is encrypted; save a copy without a password"):
                read_file(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_pdf(["", ""]), "its 2 pages hold no text"),
        (a_pdf([""]), "its 1 page holds no text"),
        (b"%PDF-1.7\nnothing", "this PDF is broken"),
        (a_pdf(["Words"])[:200], "this PDF is broken|holds? no text"),
        (a_nested_pdf(3000), "this PDF is broken|holds? no text|could not be taken apart"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    """One line on each, and never a traceback."""
    with pytest.raises(InputError, match=said) as refused:
        read_file(saved(tmp_path, content))

    assert "\n" not in str(refused.value)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, characters, memory and time: the worker, or whoever waits for it, says which was passed."""
    file = saved(tmp_path, a_pdf(["Ten words are not many, some would say"] * 3))

    with monkeypatch.context() as patch:
        patch.setattr(pdf, "MAX_PAGES", 2)
        with pytest.raises(InputError, match="this PDF has 3 pages; at most 2 are read"):
            read_file(file)
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "MAX_CHARACTERS", 50)
        with pytest.raises(InputError, match="over 50 characters of text by page 2 of 3"):
            read_file(file)
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "PDF_SECONDS", 0)
        with pytest.raises(InputError, match="could not be taken apart within"):
            read_file(file)


def test_a_bomb_ends_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that unpacks to far more than it is: soon over, and said in one line."""
    packed = zlib.compress(b"(" + b"A" * 150_000_000, 9)
    honest = a_pdf(["x"])
    begins, ends = honest.index(b"<< /Length"), honest.index(b"endobj", honest.index(b"<< /Length"))
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\n" % (len(packed), packed)
    monkeypatch.setattr(pdf, "PDF_MEMORY", 256 << 20)

    with pytest.raises(InputError, match=r"spec\.pdf: ") as refused:
        read_file(saved(tmp_path, honest[:begins] + stream + honest[ends:]))

    assert len(packed) < 1_000_000
    assert "\n" not in str(refused.value)
