"""What is put into a ledger comes out of it, whatever database it is in."""

from __future__ import annotations

import asyncio
import hashlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import CompletionOf, RecordOf, RequestOf, SentOf, TurnOf
from contemplate.errors import LedgerError
from contemplate.ledger.base import StoredCall
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.ledger.tables import TableLedger
from contemplate.types import Completion, Tokens, Turn, Usage


class TestCompletions:
    """Completions by key."""

    @pytest.mark.parametrize("text", ["", "plain", "é 😀", "\ud800", "\ud83d\ude00", "a\x00b", "x" * 1_000_000])
    async def test_round_trip(self, ledger: TableLedger, request_of: RequestOf, completion_of: CompletionOf, text: str) -> None:
        """A request and its completion come back as they were, whatever characters are in them."""
        request, completion = request_of(text), completion_of(text)
        await ledger.store("call-1", request, completion, None)
        assert completion == await ledger.completion(request.key)
        assert request == await ledger.request(request.key)

    async def test_unknown(self, ledger: TableLedger) -> None:
        """A key that isn't there gives None."""
        assert None is await ledger.completion("k")
        assert None is await ledger.request("k")

    async def test_first_wins(self, ledger: TableLedger, request_of: RequestOf, completion_of: CompletionOf) -> None:
        """A key keeps its first completion."""
        request = request_of("q")
        await ledger.store("call-1", request, completion_of("first"), None)
        await ledger.store("call-2", request, completion_of("second"), None)
        assert completion_of("first") == await ledger.completion(request.key)


class TestBlobs:
    """Bytes by their SHA-256."""

    async def test_kept_once(self, ledger: TableLedger) -> None:
        """They come back as they were; the same bytes are kept once, and deleting a run leaves them."""
        content = bytes(range(256)) * 4_000
        sha256 = hashlib.sha256(content).hexdigest()

        assert [sha256] * 2 == [await ledger.keep_blob(content), await ledger.keep_blob(content)]
        await ledger.delete_run("run-1")
        assert content == await ledger.blob(sha256)
        assert await ledger.blob("0" * 64) is None


class TestSpent:
    """What a run has cost."""

    async def test_each_fate(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A stored call counts what it took, an open or billed one its worst case, a free one nothing but itself."""
        for call in ("stored", "open", "billed", "free"):
            ledger.sent(sent_of(call))
        ledger.closed("billed", billed=True)
        ledger.closed("free", billed=False)
        await ledger.store("stored", request_of("q"), completion_of("a"), 0.25)
        expected = Usage(calls=4, prompt_tokens=10 + 10 + 7, completion_tokens=20 + 20 + 5, usd=2.25)
        assert expected == await ledger.spent("run-1")

    async def test_nothing(self, ledger: TableLedger, sent_of: SentOf) -> None:
        """A run that called nothing has cost nothing, whatever others did."""
        ledger.sent(sent_of("call-1"))
        assert Usage() == await ledger.spent("run-2")

    async def test_unknown_price(self, ledger: TableLedger, sent_of: SentOf) -> None:
        """One call of unknown price makes the sum unknown, unless it was free."""
        ledger.sent(sent_of("call-1").model_copy(update={"usd": None}))
        assert None is (await ledger.spent("run-1")).usd
        ledger.closed("call-1", billed=False)
        assert 0.0 == (await ledger.spent("run-1")).usd

    async def test_closed_once(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """The first fate of a call stays; a call that was never sent has none, but its reply is kept."""
        ledger.sent(sent_of("call-1"))
        await ledger.store("call-1", request_of("q"), completion_of("a"), 0.25)
        ledger.closed("call-1", billed=False)
        ledger.closed("unknown", billed=True)
        await ledger.store("unknown", request_of("p"), completion_of("b"), 9.0)
        assert Usage(calls=1, prompt_tokens=7, completion_tokens=5, usd=0.25) == await ledger.spent("run-1")
        assert completion_of("b") == await ledger.completion(request_of("p").key)

    async def test_calls_one_by_one(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """Each attempt with what it took; a reply says when it was stored, whichever attempt brought it."""
        request = request_of("q")
        for call in ("a", "b"):
            ledger.sent(sent_of(call).model_copy(update={"key": request.key}))
        ledger.sent(sent_of("other").model_copy(update={"run": "run-2"}))
        ledger.closed("a", billed=False)
        began = time.time()
        await ledger.store("b", request, completion_of("reply"), 0.25)
        free, stored = await ledger.calls("run-1")
        at = stored.stored or 0.0
        assert began - 1 <= at <= time.time() + 1
        attempt = {"turn": "1.propose/seat-1", "key": request.key, "stored": at}
        assert free == StoredCall(state="free", tokens=Tokens(), usd=0.0, **attempt)
        assert stored == StoredCall(state="stored", tokens=Tokens(prompt=7, completion=5), usd=0.25, **attempt)

    async def test_absurd_counts(self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf) -> None:
        """A provider that claims more tokens than there are numbers breaks no sum; the reply keeps its claim."""
        completion = Completion(text="a", tokens=Tokens(prompt=10**30, completion=10**30))
        for call in ("call-1", "call-2"):
            ledger.sent(sent_of(call))
            await ledger.store(call, request_of(call), completion, 0.0)
        assert 2**54 == (await ledger.spent("run-1")).prompt_tokens
        assert completion == await ledger.completion(request_of("call-1").key)


class TestRuns:
    """Runs and their turns."""

    async def test_round_trip(self, ledger: TableLedger, record_of: RecordOf) -> None:
        """A run comes back as it was, and then with what it returned."""
        await ledger.start_run(record_of("run-1"))
        assert record_of("run-1") == await ledger.run("run-1")
        await ledger.end_run("run-1", "finished", {"answer": "42\udfff", "confidence": 0.5})
        returned = {"state": "finished", "outcome": {"answer": "42\udfff", "confidence": 0.5}}
        expected = record_of("run-1").model_copy(update=returned)
        assert expected == await ledger.run("run-1")

    async def test_running_again(self, ledger: TableLedger, record_of: RecordOf) -> None:
        """A run that is started again is the same run, running."""
        await ledger.start_run(record_of("run-1"))
        await ledger.end_run("run-1", "interrupted", None)
        await ledger.start_run(record_of("run-1").model_copy(update={"created": 9.0, "spec": {}}))
        assert [record_of("run-1")] == await ledger.runs()

    async def test_newest_first(self, ledger: TableLedger, record_of: RecordOf) -> None:
        """Runs are listed newest first, at most as many as asked for."""
        for run, created in (("a", 2.0), ("b", 3.0), ("c", 1.0), ("d", 3.0)):
            await ledger.start_run(record_of(run).model_copy(update={"created": created}))
        assert ["d", "b", "a", "c"] == [record.run for record in await ledger.runs()]
        assert ["d", "b"] == [record.run for record in await ledger.runs(2)]
        assert ["c", "a", "b", "d"] == await ledger.run_ids()
        assert [] == await ledger.runs(-1)

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("abcd1", "abcd1"),
            ("abcd12", "abcd12"),
            ("abcdx", "abcdx9"),
            ("wxyz", "wxyz0"),
            ("wxy", None),
            ("nope1", None),
            ("", None),
        ],
    )
    async def test_prefix(self, ledger: TableLedger, record_of: RecordOf, prefix: str, found: str | None) -> None:
        """A run is found by its id, or by the beginning of it from 4 characters on."""
        for run in ("abcd1", "abcd12", "abcdx9", "wxyz0"):
            await ledger.start_run(record_of(run))
        record = await ledger.run(prefix)
        assert found == (record.run if record else None)

    @pytest.mark.parametrize("prefix", ["abc%", "abc_", "abcd\ud800", "abcd\x00", "ABCD1"])
    async def test_odd_prefix(self, ledger: TableLedger, record_of: RecordOf, prefix: str) -> None:
        """No character of a prefix has a meaning of its own."""
        await ledger.start_run(record_of("abcd1"))
        assert None is await ledger.run(prefix)

    async def test_ambiguous(self, ledger: TableLedger, record_of: RecordOf) -> None:
        """A beginning that several runs share is refused, and they are named."""
        for number in range(7):
            await ledger.start_run(record_of(f"abcd{number}"))
        with pytest.raises(LedgerError) as caught:
            await ledger.run("abcd")
        assert "several runs begin with 'abcd': abcd0, abcd1, abcd2, abcd3, abcd4, ...; give more of the id" == str(caught.value)

    async def test_turns(self, ledger: TableLedger, record_of: RecordOf, turn_of: TurnOf) -> None:
        """Turns come back in layout order, whatever the order of their arrival, each with what it saw."""
        await ledger.start_run(record_of("run-1"))
        ledger.record_turn("run-1", 1, turn_of("b"), [("a", "saw"), ("a", "criticised")], cached=False)
        ledger.record_turn("run-1", 0, turn_of("a"), [], cached=True)
        ledger.record_turn("run-2", 0, turn_of("c"), [], cached=True)
        expected = [(turn_of("a"), ()), (turn_of("b"), (("a", "saw"), ("a", "criticised")))]
        assert expected == await ledger.turns("run-1")
        assert [] == await ledger.turns("run-3")

    async def test_resumed(self, ledger: TableLedger, record_of: RecordOf, turn_of: TurnOf) -> None:
        """A resumed run's turns replace the earlier ones; what only the interrupted pass had goes when it finishes."""
        await ledger.start_run(record_of("run-1"))
        for place, turn in enumerate(["a", "b", "early vote"]):
            ledger.record_turn("run-1", place, turn_of(turn), [], cached=False)
        await ledger.end_run("run-1", "interrupted", None)
        await ledger.start_run(record_of("run-1"))
        said = turn_of("a").model_copy(update={"text": "said"})
        ledger.record_turn("run-1", 0, said, [], cached=True)
        assert [said, turn_of("b"), turn_of("early vote")] == [turn for turn, _ in await ledger.turns("run-1")]
        ledger.record_turn("run-1", 1, turn_of("b"), [], cached=True)
        ledger.record_turn("run-1", 2, turn_of("c"), [], cached=True)
        await ledger.end_run("run-1", "finished", {})
        assert [said, turn_of("b"), turn_of("c")] == [turn for turn, _ in await ledger.turns("run-1")]

    async def test_no_such_run(self, ledger: TableLedger) -> None:
        """A run that was never started can't be ended."""
        with pytest.raises(LedgerError, match="no run 'run-9' was started"):
            await ledger.end_run("run-9", "finished", None)


class Model:
    """A ledger beside the dicts that it should be like."""

    def __init__(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf, turn_of: TurnOf
    ) -> None:
        """All empty."""
        self.ledger = ledger
        self.sent_of, self.request_of, self.completion_of, self.turn_of = sent_of, request_of, completion_of, turn_of
        self.completions: dict[str, Completion] = {}
        self.costs: dict[str, tuple[int, int, float]] = {}
        self.opened: set[str] = set()
        self.said: dict[str, tuple[int, Turn]] = {}

    async def sent(self, number: int, _: int) -> None:
        """An attempt leaves, each once."""
        call = f"call-{number}"
        if call not in self.costs:
            self.costs[call] = (10, 20, 1.0)
            self.opened.add(call)
            self.ledger.sent(self.sent_of(call))

    async def billed(self, number: int, _: int) -> None:
        """An attempt failed, and may have been billed."""
        self.opened.discard(f"call-{number}")
        self.ledger.closed(f"call-{number}", billed=True)

    async def free(self, number: int, _: int) -> None:
        """An attempt failed, and cost nothing."""
        self.close(f"call-{number}", (0, 0, 0.0))
        self.ledger.closed(f"call-{number}", billed=False)

    async def store(self, number: int, step: int) -> None:
        """A reply came."""
        request, completion = self.request_of(str(number)), self.completion_of(f"reply {step}")
        self.completions.setdefault(request.key, completion)
        self.close(f"call-{number}", (7, 5, 0.5))
        await self.ledger.store(f"call-{number}", request, completion, 0.5)

    def close(self, call: str, cost: tuple[int, int, float]) -> None:
        """An open call gets its cost."""
        if call in self.opened:
            self.costs[call] = cost
            self.opened.discard(call)

    async def record(self, number: int, step: int) -> None:
        """A turn is over, perhaps for the second time."""
        turn = self.turn_of(f"turn-{number}").model_copy(update={"text": f"step {step}"})
        self.said[turn.id] = (number, turn)
        self.ledger.record_turn("run-1", number, turn, [], cached=False)

    async def completion(self, number: int, _: int) -> None:
        """A completion is read."""
        key = self.request_of(str(number)).key
        expected = self.completions.get(key)
        assert expected == await self.ledger.completion(key)

    async def spent(self, *_: int) -> None:
        """What the run has cost is read."""
        prompt, completion, usd = (sum(cost[part] for cost in self.costs.values()) for part in range(3))
        expected = Usage(calls=len(self.costs), prompt_tokens=int(prompt), completion_tokens=int(completion), usd=usd)
        assert expected == await self.ledger.spent("run-1")

    async def turns(self, *_: int) -> None:
        """The turns are read."""
        expected = [turn for _, turn in sorted(self.said.values(), key=lambda entry: entry[0])]
        assert expected == [turn for turn, _ in await self.ledger.turns("run-1")]


VERBS = ["sent", "billed", "free", "store", "record", "completion", "spent", "turns"]


@given(operations=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.booleans()), max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_like_dicts(
    operations: list[tuple[str, int, bool]], sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf, turn_of: TurnOf
) -> None:
    """Any interleaving of operations, waited for or not, leaves what a few dicts would hold."""

    async def main() -> None:
        ledger = await SQLiteLedger.open(":memory:")
        model = Model(ledger, sent_of, request_of, completion_of, turn_of)
        async with asyncio.TaskGroup() as group:
            for step, (verb, number, waits) in enumerate(operations):
                task = group.create_task(getattr(model, verb)(number, step))
                await (task if waits else asyncio.sleep(0))
        await model.spent()
        await model.turns()
        for number in range(6):
            await model.completion(number, 0)
        await ledger.aclose()

    asyncio.run(main())
