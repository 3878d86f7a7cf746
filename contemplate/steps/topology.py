"""Topologies, who reads whom, as directed networkx graphs over seats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from contemplate.errors import InputError
from contemplate.seeds import rng

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[int, int]
Spec = str | Sequence[Edge]

_SPEC = re.compile(r"([a-z]+)(?:\((\d{1,6})\))?\Z")
_TAKES_NUMBER = {"layers", "random", "groups"}
_FEWEST = {"debate": 3}
"""How many seats a topology must have, where it makes no sense with fewer."""


def build(spec: Spec, seats: int, seed: int = 0) -> nx.DiGraph[int]:
    """The graph of a topology: nodes 1 to `seats`, and an edge u -> v where seat v reads seat u.

    Args:
        spec: one of `NAMES`, or a list of (source, reader) pairs of seat numbers.
        seats: how many seats there are, at least 1.
        seed: what `random(k)` is drawn from.

    Raises:
        InputError: there is no such topology, or there are too few seats for it.
    """
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(1, seats + 1))
    graph.add_edges_from(_edges(spec, seats, seed))
    return graph


def sources(spec: Spec, seats: int, seed: int = 0) -> dict[int, list[int]]:
    """Whom each seat reads, in ascending order: a topology as `build` makes it, without a graph.

    Raises:
        InputError: as `build` does.
    """
    found: dict[int, set[int]] = {seat: set() for seat in range(1, seats + 1)}
    for source, reader in _edges(spec, seats, seed):
        found[reader].add(source)
    return {seat: sorted(read) for seat, read in found.items()}


def _edges(spec: Spec, seats: int, seed: int) -> Iterator[Edge]:
    return _named(spec, seats, seed) if isinstance(spec, str) else _listed(spec, seats)


def parse(spec: str) -> tuple[str, int]:
    """The name and the number of a topology such as `random(2)`; the number is 0 where it takes none.

    Raises:
        InputError: with the words allowed.
    """
    match = _SPEC.match(spec.replace(" ", ""))
    name, number = (match.group(1), match.group(2)) if match else ("", None)
    if name not in _EDGES or (number is not None) != (name in _TAKES_NUMBER) or number == "0":
        msg = f"unknown topology {spec!r} (allowed: {', '.join(NAMES)}, or a list of [source, reader] pairs)"
        raise InputError(msg)
    return name, int(number or 0)


def density(graph: nx.DiGraph[int]) -> float:
    """The share of all possible readings that there are, in [0, 1] (arXiv:2406.11776)."""
    seats = graph.number_of_nodes()
    return graph.number_of_edges() / (seats * (seats - 1)) if seats > 1 else 0.0


def _named(spec: str, seats: int, seed: int) -> Iterator[Edge]:
    name, number = parse(spec)
    if number > seats or (name == "random" and number >= seats):
        most = seats - 1 if name == "random" else seats
        msg = f"topology {spec} needs more than {seats} seat{'s' * (seats != 1)}: {name}(k) takes a k of at most {most}"
        raise InputError(msg)
    if seats < _FEWEST.get(name, 1):
        msg = f"topology {spec} needs at least {_FEWEST[name]} seats, and there {'is' if seats == 1 else 'are'} {seats}"
        raise InputError(msg)
    return _EDGES[name](seats, number, seed)


def _listed(edges: Sequence[Edge], seats: int) -> Iterator[Edge]:
    for source, reader in edges:
        if not (1 <= source <= seats and 1 <= reader <= seats) or source == reader:
            msg = f"topology edge [{source}, {reader}] must join two different seats of 1 to {seats}"
            raise InputError(msg)
        yield source, reader


def _both(pairs: Iterator[Edge]) -> Iterator[Edge]:
    for u, v in pairs:
        yield u, v
        yield v, u


def _blocks(seats: int, count: int) -> list[range]:
    """Seats in `count` consecutive blocks, as equal as can be, the larger ones first."""
    size, larger = divmod(seats, count)
    starts = [1 + block * size + min(block, larger) for block in range(count + 1)]
    return [range(start, stop) for start, stop in pairwise(starts)]


def _complete(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return ((u, v) for v in range(1, seats + 1) for u in range(1, seats + 1) if u != v)


def _ring(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return _both((seat, seat % seats + 1) for seat in range(1, seats + 1) if seats > 1)


def _star(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return _both((1, seat) for seat in range(2, seats + 1))


def _tree(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return _both((seat // 2, seat) for seat in range(2, seats + 1))


def _bus(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return _both(pairwise(range(1, seats + 1)))


def _layers(seats: int, number: int, _seed: int) -> Iterator[Edge]:
    return ((u, v) for before, after in pairwise(_blocks(seats, number)) for v in after for u in before)


def _random(seats: int, number: int, seed: int) -> Iterator[Edge]:
    for reader in range(1, seats + 1):
        others = [seat for seat in range(1, seats + 1) if seat != reader]
        yield from ((source, reader) for source in sorted(rng(seed, "topology", reader).sample(others, number)))


def _groups(seats: int, number: int, _seed: int) -> Iterator[Edge]:
    return ((u, v) for group in _blocks(seats, number) for v in group for u in group if u != v)


def _none(_seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return iter(())


def _relay(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return ((seat % seats + 1, seat) for seat in range(1, seats + 1) if seats > 1)


def _debate(seats: int, _number: int, _seed: int) -> Iterator[Edge]:
    return ((source, reader) for source in range(2, seats + 1) for reader in range(1, seats + 1) if source != reader)


_EDGES: dict[str, Callable[[int, int, int], Iterator[Edge]]] = {
    "complete": _complete,
    "ring": _ring,
    "star": _star,
    "tree": _tree,
    "bus": _bus,
    "layers": _layers,
    "random": _random,
    "groups": _groups,
    "none": _none,
    "memory": _complete,
    "report": _star,
    "relay": _relay,
    "debate": _debate,
}

NAMES = tuple(f"{name}(k)" if name in _TAKES_NUMBER else name for name in _EDGES)
"""The topologies.

complete: everybody reads everybody. ring: both neighbours. star: seat 1 reads all, and all read it. tree: a binary
tree from seat 1, parents and children read each other. bus: a line, both neighbours. layers(k): k layers, each seat
reads the whole layer before its own. random(k): each seat reads k others. groups(k): everybody in its own one of k
groups. none: nobody reads anybody.

Those of exchange-of-thought (arXiv:2312.01823): memory: complete under its name there. report: star. relay: each seat reads the
next one, the last one the first. debate: all but seat 1 read each other, and seat 1 reads them all.
"""
