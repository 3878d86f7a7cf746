"""Asks that are made together meet, so that those that are alike can share a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import anyio

from contemplate.errors import ContemplateError
from contemplate.models.call import Asked, Reply
from contemplate.types import Request

_APART = {"seed", "draw"}
_SAME = tuple(name for name in Request.model_fields if name not in _APART)


@dataclass(eq=False)
class Member:
    """One ask of a batch.

    Attributes:
        place: its place in the batch, from 0.
        left: whether it has left the batch, and goes alone.
        asked: what it asks for, while it is at the meeting or in a group.
        most: how many samples one request for its model may ask for.
        group: the group that it is in.
    """

    batch: Batch
    place: int
    left: bool = False
    asked: Asked = field(init=False)
    most: int = field(init=False)
    group: Group = field(init=False)

    async def meet(self, asked: Asked, most: int) -> Group:
        """Wait until nobody of the batch is on its way here, and take part in a group of those that are alike."""
        self.asked, self.most = asked, most
        await self.batch.wait_for_all(self)
        return self.group

    def leave(self) -> None:
        """Go alone from here on; the others wait for it no longer."""
        self.left = True
        self.batch.without(self)


@dataclass(eq=False)
class Group:
    """Members that share a request. The first one makes it; the others wait until it is over.

    Attributes:
        members: in the order of their places.
        over: set when it is over, however it ends.
        replies: to the first so many members.
        error: why the request failed, if it did.
    """

    members: Sequence[Member]
    over: anyio.Event = field(default_factory=anyio.Event)
    replies: tuple[Reply, ...] = ()
    error: ContemplateError | None = None

    def reply(self, member: Member) -> Reply | None:
        """The reply to what a member asks for; None if there is none.

        Raises:
            ContemplateError: the request failed, and it would for each of them.
        """
        if self.error is not None:
            raise self.error
        place = self.members.index(member)
        return self.replies[place] if place < len(self.replies) else None


class Batch:
    """A batch: each of its members is on its way to the meeting, waits there, is in a group, or has left.

    As soon as nobody is on its way, those who wait are grouped. All belong to one task group, and are cancelled together.
    """

    def __init__(self, size: int) -> None:
        """Begin with all its members on their way."""
        self.members = [Member(self, place) for place in range(size)]
        self._on_the_way = set(self.members)
        self._waiting: list[Member] = []
        self._opened = anyio.Event()

    async def wait_for_all(self, member: Member) -> None:
        """Wait, as one who has come, until nobody is on its way."""
        opened = self._opened
        self._on_the_way.discard(member)
        self._waiting.append(member)
        self._look()
        await opened.wait()

    def without(self, member: Member) -> None:
        """Wait for `member` no longer."""
        self._on_the_way.discard(member)
        self._look()

    def come_back(self, members: Iterable[Member]) -> None:
        """Wait for `members` once more."""
        self._on_the_way.update(members)

    def _look(self) -> None:
        if self._on_the_way or not self._waiting:
            return
        waiting, self._waiting = sorted(self._waiting, key=lambda member: member.place), []
        for alike in _grouped(waiting):
            most = alike[0].most
            for begin in range(0, len(alike), most):
                group = Group(alike[begin : begin + most])
                for member in group.members:
                    member.group = group
        opened, self._opened = self._opened, anyio.Event()
        opened.set()


def _grouped(members: Iterable[Member]) -> list[list[Member]]:
    """The members that one request can serve, together; in their order."""
    groups: list[list[Member]] = []
    for member in members:
        group = next((group for group in groups if _share(group[0].asked, member.asked)), None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    return groups


def _share(one: Asked, other: Asked) -> bool:
    return (
        one.caller.account is other.caller.account
        and one.caller.run == other.caller.run
        and len(one.instead) == len(other.instead)
        and _alike(one.request, other.request)
        and all(_alike(*pair) for pair in zip(one.instead, other.instead, strict=True))
    )


def _alike(one: Request, other: Request) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAME)
