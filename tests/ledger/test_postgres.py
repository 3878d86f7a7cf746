"""The schema of a ledger on a server, and that a commit is on disk."""

from __future__ import annotations

import anyio
import anyio.to_thread

from builders import CompletionOf, RequestOf
from contemplate.ledger.postgres import PostgresLedger
from contemplate.ledger.postgres_schema import MIGRATIONS
from postgres import PostgresServer


class TestSchema:
    """Our tables, beside those of others."""

    async def test_untouched(
        self, postgres: PostgresServer, address: str, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """Tables of other programs, of the same names and on the search path, are neither read nor written."""
        names = ("completions", "calls", "runs", "turns", "ledger_format")
        postgres.execute(address, *(f"CREATE TABLE public.{name} AS SELECT 7 AS theirs" for name in names))
        try:
            ledger = await PostgresLedger.open(f"{address}?options=-csearch_path%3Dpublic")
            await ledger.store("call-1", request_of("q"), completion_of("a"), None)
            assert completion_of("a") == await ledger.completion(request_of("q").key)
            assert [] == await ledger.runs()
            await ledger.aclose()
            assert [[(7,)]] * 5 == [postgres.execute(address, f"TABLE public.{name}") for name in names]
        finally:
            postgres.execute(address, *(f"DROP TABLE public.{name}" for name in names))

    async def test_made_at_once(self, address: str, postgres: PostgresServer) -> None:
        """Many who open a new ledger at the same moment make it once."""
        ledgers = [PostgresLedger(address) for _ in range(12)]
        async with anyio.create_task_group() as group:
            for ledger in ledgers:
                group.start_soon(ledger.opened)
        for ledger in ledgers:
            await ledger.aclose()
        formats = postgres.execute(address, "SELECT format FROM contemplate.ledger_format")
        assert [(number + 1,) for number in range(len(MIGRATIONS))] == formats

    async def test_on_disk(
        self, address: str, postgres: PostgresServer, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A commit waits for the disk, also where the server's default is not to; others see it at once, as readable JSON."""
        ledger = await PostgresLedger.open(f"{address}?options=-csynchronous_commit%3Doff")
        setting = await ledger._writer.ask(
            lambda database: database.execute("SHOW synchronous_commit").fetchone()[0], writes=True
        )
        assert "on" == setting
        await ledger.store("call-1", request_of("q"), completion_of("a"), None)
        (row,) = postgres.execute(
            address, "SELECT convert_from(completion, 'UTF8')::json ->> 'model' FROM contemplate.completions"
        )
        assert ("m-1",) == row
        await ledger.aclose()
