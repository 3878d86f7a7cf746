"""Asks that are made together meet, so that equal ones can share a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import anyio

from contemplate.errors import ContemplateError
from contemplate.types import Completion, Request


@dataclass(eq=False)
class Member:
    """One ask of a batch.

    Attributes:
        index: its number in the batch, from 0.
        left: whether it has left the batch, and goes alone.
        request: what it asks for, while it is at the meeting or in a group.
        like: equal for those that may share a request.
        most: how many samples one request for its model may ask for.
        group: the group that it is in.
    """

    batch: Batch
    index: int
    left: bool = False
    request: Request = field(init=False)
    like: object = field(init=False)
    most: int = field(init=False)
    group: Group = field(init=False)

    async def meet(self, request: Request, like: object, most: int) -> Group:
        """Wait until nobody of the batch is on its way here, and take part in a group of equal ones.

        Args:
            request: what it asks for.
            like: equal for those that may share a request.
            most: how many samples one request may ask for.
        """
        self.request, self.like, self.most = request, like, most
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
        members: in the order of their indices.
        over: set when it is over, however it ends.
        came: the samples of the first so many members.
        lost: how many more there were that broke off.
        error: why the request failed, if it did.
    """

    members: Sequence[Member]
    over: anyio.Event = field(default_factory=anyio.Event)
    came: Sequence[Completion] = ()
    lost: int = 0
    error: ContemplateError | None = None

    def sample(self, member: Member) -> Completion | None:
        """The sample of a member; None if there is none.

        Raises:
            ContemplateError: the request failed, and it would for each of them.
        """
        if self.error is not None:
            raise self.error
        index = self.members.index(member)
        return self.came[index] if index < len(self.came) else None


class Batch:
    """A batch: each of its members is on its way to the meeting, waits there, is in a group, or has left.

    As soon as nobody is on its way, those who wait are grouped. All belong to one task group, and are cancelled together.
    """

    def __init__(self, size: int) -> None:
        """Begin with all its members on their way."""
        self.members = [Member(self, index) for index in range(size)]
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
        waiting, self._waiting = sorted(self._waiting, key=lambda member: member.index), []
        for together in _grouped(waiting):
            most = together[0].most
            for begin in range(0, len(together), most):
                group = Group(together[begin : begin + most])
                for member in group.members:
                    member.group = group
        opened, self._opened = self._opened, anyio.Event()
        opened.set()


def _grouped(members: Iterable[Member]) -> list[list[Member]]:
    """The members that one request can serve, together; in their order."""
    groups: list[list[Member]] = []
    for member in members:
        group = next((group for group in groups if group[0].like == member.like), None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    return groups
