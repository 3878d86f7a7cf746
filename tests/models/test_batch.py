"""The meeting of asks that are made together: who waits for whom, and who is grouped with whom."""

from __future__ import annotations

import anyio

from contemplate.models.batch import Batch, Member
from contemplate.types import Request

REQUEST = Request(model="m", messages=())


async def meeting(batch: Batch, likes: str, most: int = 32) -> list[list[int]]:
    """Send those to the meeting for whom there is a letter; the places of each group, where equal letters are alike."""
    groups: dict[int, list[int]] = {}

    async def come(member: Member, like: str) -> None:
        group = await member.meet(REQUEST, like, most)
        groups[id(group)] = [one.index for one in group.members]

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for member, like in reversed(list(zip(batch.members, likes, strict=False))):
                tasks.start_soon(come, member, like)
    return sorted(groups.values())


async def test_those_that_are_alike_are_grouped() -> None:
    """In the order of their places, whoever came first, and in groups of no more than a request may ask for."""
    assert [[0, 1], [2, 5], [3, 4], [6]] == await meeting(Batch(7), "aabaaba", most=2)


async def test_all_wait_for_the_last() -> None:
    """Nobody goes on while one is on its way; when it leaves, the others do."""
    batch, done = Batch(3), anyio.Event()

    async def come() -> None:
        assert [[0, 1]] == await meeting(batch, "aa")
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(come)
        await anyio.wait_all_tasks_blocked()
        assert not done.is_set()
        batch.members[2].leave()
    assert done.is_set()


async def test_who_comes_back_is_waited_for() -> None:
    """Members that have met once meet again, without those that have left."""
    batch = Batch(3)
    await meeting(batch, "aaa")
    batch.come_back(batch.members[:2])
    batch.members[2].leave()
    assert [[0, 1]] == await meeting(batch, "aa")
