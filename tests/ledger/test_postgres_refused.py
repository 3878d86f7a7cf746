"""Addresses of a ledger on a server that can not be opened, and the rights it needs."""

from __future__ import annotations

import socket
import sys

import pytest

from builders import CompletionOf, RecordOf, RequestOf, SentOf, TurnOf
from contemplate.errors import InputError
from contemplate.ledger.postgres import PostgresLedger
from contemplate.ledger.postgres_schema import MIGRATIONS
from postgres import PostgresServer


async def refusal(address: str) -> str:
    """The one line with which an address is refused; the password is not in it."""
    with pytest.raises(InputError) as caught:
        await PostgresLedger.open(address)
    assert "\n" not in str(caught.value)
    assert not any(word in str(caught.value) for word in ("quoth", "raven"))
    return str(caught.value)


class TestRefused:
    """What can't be opened says so in one line."""

    async def test_nobody_there(self) -> None:
        """No server listens at that port."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            line = await refusal(f"postgresql://me:@127.0.0.1:{port}/db")
        assert f"postgresql://127.0.0.1:{port}/db: no PostgreSQL server answers there (Connection refused" in line

    @pytest.mark.parametrize("user", ["owner:wrong", "owner", "stranger:wrong"])
    async def test_wrong_password(self, postgres: PostgresServer, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A wrong password, none, or a user who does not exist."""
        monkeypatch.setenv("PGPASSFILE", "/nonexistent")
        line = await refusal(postgres.address(user=user))
        assert f"postgresql://127.0.0.1:{postgres.port}/postgres: the server refuses the user (" in line
        assert line.endswith("check user and password in the address, PGPASSWORD or ~/.pgpass")
        assert "wrong" not in line

    async def test_no_database(self, postgres: PostgresServer) -> None:
        """A database that does not exist."""
        line = await refusal(postgres.address("nowhere"))
        assert line.endswith('database "nowhere" does not exist; make it with `createdb`, or name another')

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://me:secret@word@host/db",
            "postgresql://me:secret/word@host/db",
            "postgresql://me:123/secret@host/db",
            "postgresql://me:secret%zz@host/db",
            "postgresql://me@host:secret/db",
            "postgresql://me:secret@host/db?secret=1",
            "postgresql://me:secret@ho st/db",
        ],
    )
    def test_malformed(self, address: str) -> None:
        """Where it is not sure what the password is, nothing of the address is repeated."""
        with pytest.raises(InputError, match="the address of the ledger can't be read: it is") as caught:
            PostgresLedger(address)
        assert "secret" not in str(caught.value)
        assert "secret" not in repr(caught.value.__cause__)

    def test_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without psycopg the line says what to install."""
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(InputError, match=r"needs psycopg: pip install 'contemplate-ai\[postgres\]'"):
            PostgresLedger("postgresql://host/db")

    async def test_foreign_schema(self, postgres: PostgresServer, address: str) -> None:
        """Another program's schema of our name stays as it was."""
        postgres.execute(address, "CREATE SCHEMA contemplate", "CREATE TABLE contemplate.runs AS SELECT 7 AS theirs")
        assert "the schema 'contemplate' there is another program's; name another database" in await refusal(address)
        tables = "SELECT relname FROM pg_class WHERE relnamespace = 'contemplate'::regnamespace"
        assert [("runs",)] == postgres.execute(address, tables)
        assert [(7,)] == postgres.execute(address, "SELECT * FROM contemplate.runs")

    async def test_newer(self, postgres: PostgresServer, address: str) -> None:
        """A ledger of a newer version says so, and how to get that version."""
        await (await PostgresLedger.open(address)).aclose()
        postgres.execute(
            address, "INSERT INTO contemplate.ledger_format (format) SELECT max(format) + 1 FROM contemplate.ledger_format"
        )
        told = f"written by a newer contemplate (format {len(MIGRATIONS) + 1}, this one reads up to {len(MIGRATIONS)})"
        assert told in await refusal(address)

    async def test_no_right(self, postgres: PostgresServer, address: str) -> None:
        """Who may not make the schema is told what an owner can do about it; then it works with no other right."""
        postgres.execute(address, "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'guest-word'")
        guest = postgres.address(user="guest:guest-word")
        assert "CREATE SCHEMA contemplate AUTHORIZATION the_user" in await refusal(guest)
        postgres.execute(address, "CREATE SCHEMA contemplate AUTHORIZATION guest")
        ledger = await PostgresLedger.open(guest)
        assert [] == await ledger.runs()
        await ledger.aclose()

    async def test_granted(
        self,
        postgres: PostgresServer,
        address: str,
        request_of: RequestOf,
        completion_of: CompletionOf,
        sent_of: SentOf,
        record_of: RecordOf,
        turn_of: TurnOf,
    ) -> None:
        """Who may only read and write what the owner made can do all that a run needs."""
        await (await PostgresLedger.open(address)).aclose()
        postgres.execute(
            address,
            "DROP ROLE IF EXISTS worker",
            "CREATE ROLE worker LOGIN PASSWORD 'worker-word'",
            "GRANT USAGE ON SCHEMA contemplate TO worker",
            "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA contemplate TO worker",
            "GRANT DELETE ON contemplate.turns TO worker",
        )
        ledger = await PostgresLedger.open(postgres.address(user="worker:worker-word"))
        await ledger.start_run(record_of("run-1"))
        await ledger.start_run(record_of("run-1"))
        ledger.sent(sent_of("call-1"))
        ledger.closed("call-1", billed=True)
        await ledger.store("call-1", request_of("q"), completion_of("a"), None)
        ledger.record_turn("run-1", 0, turn_of("a"), [], cached=False)
        await ledger.end_run("run-1", "finished", {})
        assert [(turn_of("a"), ())] == await ledger.turns("run-1")
        await ledger.aclose()
        postgres.execute(address, "DROP OWNED BY worker", "DROP ROLE worker")
