"""The tool `look`: a region of a picture that the question comes with, cut out, turned, made larger or framed.

Whoever was sent the question's pictures is shown the region as a picture, anybody else what a program reads in it
(arXiv:2406.09403 has agents that work on a picture before they answer).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated

import anyio.to_thread
from pydantic import Field

from contemplate.attachments import Looker, Picture, sendable
from contemplate.attachments.looking import ContentOf
from contemplate.errors import ToolError
from contemplate.tools.tool import Sight, Tool
from contemplate.types import Look

Across = Annotated[float, Field(ge=0, le=100)]


def look_at(pictures: Sequence[Picture], content_of: ContentOf) -> Tool:
    """The tool `look` for the pictures of a question.

    Args:
        pictures: that can be looked at.
        content_of: gives their bytes.
    """
    digest = hashlib.sha256("".join(one.sha256 for one in pictures).encode()).hexdigest()[:16]
    read, seen = (
        Tool.from_function(_looking(pictures, content_of, reads=reads), name="look", pure=True, version=digest)
        for reads in (True, False)
    )
    return replace(read, seen=seen.work)


def _looking(pictures: Sequence[Picture], content_of: ContentOf, *, reads: bool) -> Callable[..., Awaitable[Sight]]:
    async def look(  # noqa: PLR0913, PLR0917 - one for each step; a model gives them by name
        attachment: int = 1,
        part: int = 1,
        left: Across = 0.0,
        top: Across = 0.0,
        right: Across = 100.0,
        bottom: Across = 100.0,
        rotate_degrees: Annotated[int, Field(ge=0, lt=360)] = 0,
        zoom_times: Annotated[float, Field(gt=0, le=16)] = 1.0,
        mark: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> Sight:
        """Look closely at a region of a picture that the problem comes with. It says how large the region is in pixels, too.

        Args:
            attachment: the number of the attachment, from 1.
            part: the number of its page or frame, from 1.
            left: where the region begins, in percent of the picture's width from its left edge.
            top: where it begins, in percent of the height from the upper edge.
            right: where it ends, in percent of the width; above left.
            bottom: where it ends, in percent of the height; above top.
            rotate_degrees: by how much to turn it to the left.
            zoom_times: how many times larger to make it; small print needs 2 to 4.
            mark: show the whole picture with a frame round the region, instead of the region cut out.
        """
        if not pictures:
            raise ToolError("the problem comes with no pictures")
        looker = Looker(pictures, content_of, reads=reads)
        looked = await looker.look(attachment, part, left, top, right, bottom, rotate_degrees, zoom_times, mark)
        if reads:
            return Sight(looked.text, Look.of(looked))
        content, media_type, width, height = await anyio.to_thread.run_sync(sendable, looked.content)
        return Sight(looked.text, Look.of(looked), content, media_type, width, height)

    return look
