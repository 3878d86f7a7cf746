"""How far the models in a ledger agree with themselves as judges: what they chose when the order was turned round."""

from __future__ import annotations

from contemplate.ledger.base import Ledger
from contemplate.trace.reading import both_orders
from contemplate.voting.reliability import BothOrders, Consistency, consistency


async def learned_consistency(ledger: Ledger, limit: int = 1000) -> tuple[Consistency, ...]:
    """How far each model agrees with itself (`contemplate.voting.reliability.both_orders`), over all cards that compare.

    What counts are choices in both orders: of `judge` and `compare`, and of `rank` with `orders: both`. Replies that
    several runs took from the ledger count once.

    Args:
        ledger: where the runs are.
        limit: how many of the newest runs are looked at.
    """
    judged: dict[str, list[BothOrders]] = {}
    known: set[tuple[str | None, str | None]] = set()
    for record in await ledger.runs(limit):
        if record.state != "finished" or record.forked:
            continue
        for one, other in both_orders(await ledger.turns(record.run)):
            if one.model == other.model and (one.key, other.key) not in known:
                known.add((one.key, other.key))
                judged.setdefault(one.model, []).append((one.chose, other.chose))
    return consistency(judged)
