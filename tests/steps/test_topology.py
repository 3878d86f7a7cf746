"""Who reads whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.steps import topology


@pytest.mark.parametrize(
    ("spec", "seats", "reads"),
    [
        ("complete", 3, {1: [2, 3], 2: [1, 3], 3: [1, 2]}),
        ("ring", 4, {1: [2, 4], 2: [1, 3], 3: [2, 4], 4: [1, 3]}),
        ("ring", 2, {1: [2], 2: [1]}),
        ("ring", 1, {1: []}),
        ("star", 3, {1: [2, 3], 2: [1], 3: [1]}),
        ("tree", 5, {1: [2, 3], 2: [1, 4, 5], 3: [1], 4: [2], 5: [2]}),
        ("bus", 3, {1: [2], 2: [1, 3], 3: [2]}),
        ("layers(2)", 5, {1: [], 2: [], 3: [], 4: [1, 2, 3], 5: [1, 2, 3]}),
        ("groups(2)", 4, {1: [2], 2: [1], 3: [4], 4: [3]}),
        ("none", 2, {1: [], 2: []}),
        (((1, 2), (2, 3)), 3, {1: [], 2: [1], 3: [2]}),
        ("memory", 3, {1: [2, 3], 2: [1, 3], 3: [1, 2]}),
        ("report", 3, {1: [2, 3], 2: [1], 3: [1]}),
        ("relay", 3, {1: [2], 2: [3], 3: [1]}),
        ("relay", 1, {1: []}),
        ("debate", 3, {1: [2, 3], 2: [3], 3: [2]}),
        ("debate", 4, {1: [2, 3, 4], 2: [3, 4], 3: [2, 4], 4: [2, 3]}),
    ],
)
def test_who_reads_whom(spec: topology.Spec, seats: int, reads: dict[int, list[int]]) -> None:
    """Each topology, by hand."""
    graph = topology.build(spec, seats)
    assert {seat: sorted(graph.predecessors(seat)) for seat in graph} == topology.sources(spec, seats) == reads


@pytest.mark.parametrize("spec", ["circle", "ring(2)", "random", "random(0)", "layers(-1)", "", "random(2) "])
def test_unknown_topologies(spec: str) -> None:
    """One line with the words allowed (spaces do not matter)."""
    if spec.strip() == "random(2)":
        assert topology.parse(spec) == ("random", 2)
        return
    with pytest.raises(InputError, match="allowed: complete, ring, star"):
        topology.parse(spec)


@pytest.mark.parametrize(
    ("spec", "seats"), [("random(3)", 3), ("layers(4)", 3), ("groups(2)", 1), (((1, 4),), 3), (((1, 1),), 3), ("debate", 2)]
)
def test_too_few_seats(spec: topology.Spec, seats: int) -> None:
    """A topology that needs more seats than there are is refused."""
    with pytest.raises(InputError):
        topology.build(spec, seats)


@given(seats=st.integers(2, 12), k=st.integers(1, 11), seed=st.integers(0, 99))
def test_random_is_regular_and_seeded(seats: int, k: int, seed: int) -> None:
    """Everybody reads k distinct others, the same ones each time."""
    k = min(k, seats - 1)
    graph = topology.build(f"random({k})", seats, seed)

    assert all(graph.in_degree(seat) == k for seat in graph)
    assert set(graph.edges) == set(topology.build(f"random({k})", seats, seed).edges)


@given(seats=st.integers(1, 12), name=st.sampled_from(["complete", "ring", "star", "tree", "bus", "none"]))
def test_nobody_reads_itself(seats: int, name: str) -> None:
    """No loops, and a density in [0, 1]; complete is 1."""
    graph = topology.build(name, seats)

    assert all(u != v for u, v in graph.edges)
    assert 0 <= topology.density(graph) <= 1
    if name == "complete" and seats > 1:
        assert topology.density(graph) == 1
