"""Files that become documents, and those that do not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from contemplate import Document, InputError
from contemplate.documents import limits, pdf, read, read_file, read_files
from pdfs import a_pdf


def test_a_text_file(tmp_path: Path) -> None:
    """Its words with the line ends of Unix, its name, its kind, and the digest of its bytes."""
    file = tmp_path / "notes.txt"
    file.write_bytes("\ufeffOne\r\ntwo – drei\r".encode())

    document = Document.from_file(file)

    assert document.text == "One\ntwo – drei\n"
    assert (document.name, document.media_type, document.pages) == ("notes.txt", "text/plain", ())
    assert document.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert Document.model_validate_json(document.model_dump_json()) == document


@pytest.mark.parametrize("name", ["a.md", "A.MARKDOWN"])
def test_markdown_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    """And stays as it was written."""
    file = tmp_path / name
    file.write_text("# Head\n\n* point", encoding="utf-8")

    assert (read_file(file).media_type, read_file(str(file)).text) == ("text/markdown", "# Head\n\n* point")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (b"caf\xe9", "not UTF-8 text (byte 3)"),
        ("text".encode("utf-16"), "neither UTF-8 text nor PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither UTF-8 text nor PDF (it holds a NUL byte at 8)"),
        (b"ELF\0\0", "neither UTF-8 text nor PDF (it holds a NUL byte at 3)"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """In one line that names the file."""
    file = tmp_path / "x"
    file.write_bytes(content)

    with pytest.raises(InputError) as refused:
        Document.from_file(file)

    assert str(refused.value).startswith(f"{file}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a file that is not there, and a name that none can have."""
    for file, said in {tmp_path: "a folder", tmp_path / "none.md": "no such file", Path("a\0b"): "no name that a file"}.items():
        with pytest.raises(InputError, match=said):
            Document.from_file(file)


def test_long_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their bytes before they are read whole, by their characters after; and several by what they are together."""
    file = tmp_path / "long.txt"
    file.write_text("x" * 100, encoding="utf-8")

    monkeypatch.setattr(read, "MAX_FILES", 150)
    with pytest.raises(InputError, match="200 bytes together up to this one; at most 150"):
        read_files([file, file])
    monkeypatch.setattr(read, "MAX_CHARACTERS", 99)
    with pytest.raises(InputError, match="100 characters; a document has at most 99"):
        read_file(file)
    monkeypatch.setattr(read, "MAX_FILE", 99)
    with pytest.raises(InputError, match="over 99 bytes"):
        read_file(file)
    with pytest.raises(InputError, match="51 documents; a question has at most 50"):
        read_files([file] * (limits.MAX_DOCUMENTS + 1))


def test_pdf_without_the_extra_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its name is: a PDF is known by its bytes."""
    file = tmp_path / "spec.txt"
    file.write_bytes(a_pdf(["One"]))
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)

    with pytest.raises(InputError, match=r"spec\.txt: PDF files are read by pypdf, .*: pip install 'contemplate-ai\[pdf\]'"):
        read_file(file)


@pytest.mark.parametrize("pages", [(1,), (0, 5, 3), (0, 9)])
def test_pages_lie_in_the_text(pages: tuple[int, ...]) -> None:
    """In order, from its beginning."""
    with pytest.raises(InputError, match="pages begin at 0, ascend, and lie within the text"):
        Document(name="x", text="12345678", pages=pages)
