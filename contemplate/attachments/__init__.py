"""Files that a question comes with besides documents: pictures, pages, sound and film.

They are read (`given`), opened into parts that models can be sent (`opening`), and read by programs for models that can't be
sent them (`reading`). Parts of a picture are looked at with `pictures` and `looking`.
"""

from __future__ import annotations

from contemplate.attachments.given import GivenFile, from_address, from_bytes, from_data_url, from_path, is_address
from contemplate.attachments.kinds import KINDS, TAKEN, Kind, media_type_of
from contemplate.attachments.limits import MAX_ATTACHMENTS, MAX_FILE, MAX_FILES
from contemplate.attachments.looking import Looked, Looker, Picture
from contemplate.attachments.opening import OpenedPart, opened
from contemplate.attachments.pictures import Measured, Region, crop, mark, measure, rotate, sendable, zoom
from contemplate.attachments.reading import Line, PartReading, Sense, reader, readings, reads, remedy

__all__ = [
    "KINDS",
    "MAX_ATTACHMENTS",
    "MAX_FILE",
    "MAX_FILES",
    "TAKEN",
    "GivenFile",
    "Kind",
    "Line",
    "Looked",
    "Looker",
    "Measured",
    "OpenedPart",
    "PartReading",
    "Picture",
    "Region",
    "Sense",
    "crop",
    "from_address",
    "from_bytes",
    "from_data_url",
    "from_path",
    "is_address",
    "mark",
    "measure",
    "media_type_of",
    "opened",
    "reader",
    "readings",
    "reads",
    "remedy",
    "rotate",
    "sendable",
    "zoom",
]
