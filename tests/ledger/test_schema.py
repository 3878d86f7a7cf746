"""The file: how it is made, and what is refused without being touched."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contemplate.errors import LedgerError
from contemplate.ledger.schema import APPLICATION_ID, MIGRATIONS, open_database


def refusal(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(LedgerError) as caught:
        open_database(str(path), 0.2)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pragma(path: Path, name: str) -> object:
    """A setting of the file, as another program sees it."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everyone may look into."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class TestMade:
    """A ledger that isn't there yet."""

    def test_private(self, tmp_path: Path) -> None:
        """The file and the folders made for it are the user's alone."""
        path = tmp_path / "one" / "two" / "ledger.db"
        open_database(str(path), 1).close()
        modes = [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent, path.parent.parent)]
        assert [0o600, 0o700, 0o700] == modes

    def test_marked(self, path: Path) -> None:
        """It carries our mark and format, and is a write-ahead log with full synchronisation."""
        database = open_database(str(path), 1)
        assert 2 == database.execute("PRAGMA synchronous").fetchone()[0]
        database.close()
        settings = [pragma(path, name) for name in ("application_id", "user_version", "journal_mode")]
        assert [APPLICATION_ID, len(MIGRATIONS), "wal"] == settings

    def test_empty_file(self, path: Path) -> None:
        """An empty file becomes a ledger."""
        path.touch()
        open_database(str(path), 1).close()
        assert APPLICATION_ID == pragma(path, "application_id")

    def test_again(self, path: Path) -> None:
        """Opening a ledger again leaves what is in it."""
        with closing(open_database(str(path), 1)) as database:
            database.execute("INSERT INTO completions VALUES ('k', '{}', '{}', 0)")
        with closing(open_database(str(path), 1)) as database:
            assert [("k",)] == database.execute("SELECT key FROM completions").fetchall()

    def test_name_with_signs(self, tmp_path: Path) -> None:
        """A name may hold what has a meaning in addresses."""
        path = tmp_path / "a?mode=ro#b%20 é.db"
        open_database(str(path), 1).close()
        assert [path] == list(tmp_path.iterdir())


class TestRefused:
    """A file that is none of ours is refused, and stays as it was."""

    @pytest.mark.parametrize("content", [b"x", b"hello, world\n" * 1000, b"SQLite format 3\x00", b"\x00" * 4096])
    def test_no_database(self, path: Path, content: bytes) -> None:
        """A text, or rubbish of any length."""
        path.write_bytes(content)
        assert refusal(path).startswith(f"{path}: not a contemplate ledger")
        assert content == path.read_bytes()
        assert [path] == list(path.parent.iterdir())

    @pytest.mark.parametrize("mode", ["delete", "wal"])
    @pytest.mark.parametrize("application", [0, 7])
    def test_foreign_database(self, path: Path, mode: str, application: int) -> None:
        """Another program's database, even while that program is at it."""
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"PRAGMA journal_mode = {mode}")
            database.execute(f"PRAGMA application_id = {application}")
            database.execute("CREATE TABLE theirs (a)")
            database.commit()
            before = path.read_bytes()
            assert f"{path}: not a contemplate ledger but another program's database; name another file" in refusal(path)
            assert before == path.read_bytes()

    def test_newer(self, path: Path) -> None:
        """A ledger of a newer version says so, and how to get that version."""
        open_database(str(path), 1).close()
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        assert refusal(path) == (
            f"{path}: written by a newer contemplate (format {len(MIGRATIONS) + 1}, this one reads up to {len(MIGRATIONS)}); "
            "upgrade with pip install -U contemplate-ai"
        )
        assert len(MIGRATIONS) + 1 == pragma(path, "user_version")

    def test_folder(self, tmp_path: Path) -> None:
        """A folder."""
        line = f"{tmp_path}: not a contemplate ledger but a folder; name another file with --ledger or CONTEMPLATE_LEDGER"
        assert line == refusal(tmp_path)

    def test_device(self) -> None:
        """A device."""
        assert "/dev/null: not a contemplate ledger but a special file" in refusal(Path("/dev/null"))

    def test_below_a_file(self, path: Path) -> None:
        """A place that can't be: inside of a file."""
        path.touch()
        assert "the ledger can't be opened (Not a directory)" in refusal(path / "ledger.db")

    def test_impossible_name(self, tmp_path: Path) -> None:
        """A name that no system takes."""
        assert "can't be opened" in refusal(tmp_path / "a\x00b")

    def test_read_only_file(self, public_folder: Path, request: pytest.FixtureRequest) -> None:
        """A ledger that may only be read."""
        path = public_folder / "ledger.db"
        open_database(str(path), 1).close()
        path.chmod(0o444)
        request.getfixturevalue("unprivileged")
        assert f"{path}: the ledger can't be read and written; change its permissions" in refusal(path)

    def test_read_only_folder(self, public_folder: Path, request: pytest.FixtureRequest) -> None:
        """A ledger that may be written, in a folder that may not, so that there is no place for its log."""
        path = public_folder / "ledger.db"
        open_database(str(path), 1).close()
        path.chmod(0o666)
        public_folder.chmod(0o555)
        request.getfixturevalue("unprivileged")
        assert f"{path}: the ledger can't be written" in refusal(path)

    def test_no_place(self, public_folder: Path, request: pytest.FixtureRequest) -> None:
        """A ledger that isn't there, in a folder where nothing may be made."""
        public_folder.chmod(0o555)
        request.getfixturevalue("unprivileged")
        assert "the ledger can't be opened (Permission denied)" in refusal(public_folder / "new" / "ledger.db")

    def test_damaged(self, path: Path) -> None:
        """A ledger whose inside was overwritten says that it is damaged."""
        with closing(open_database(str(path), 1)) as database:
            database.execute("PRAGMA journal_mode = DELETE")
        with path.open("r+b") as file:
            file.seek(100)
            file.write(os.urandom(3000))
        assert f"{path}: the ledger is damaged (" in refusal(path)
