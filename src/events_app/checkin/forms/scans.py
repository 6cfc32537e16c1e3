"""What gates and scripts send."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from events_app.checkin.tables import Direction
from events_app.web.forms import Reader, instant, line, one_of, tick


class Way(StrEnum):
    """Through the door. Taking a scan back has pages of its own."""

    IN = Direction.IN
    OUT = Direction.OUT


def way() -> Reader:
    """`in` unless `out` is said."""
    read = one_of(Way).read
    return Reader(lambda raw: Way.IN if raw is None else read(raw))


class ScanForm(msgspec.Struct):
    """The gate page: `ticket` is whatever was scanned or typed. A page without JavaScript sends no nonce."""

    ticket: Annotated[str, line(500)]
    nonce: Annotated[str, line(64, required=False)]
    direction: Annotated[Way, way()]
    place: Annotated[str, line(40, required=False)]


class CheckInBody(msgspec.Struct):
    """POST /api/v1/check-ins. `at` counts for a scan that was made `offline`; `sent_at` puts a wrong clock right.
    `place` is what the door is called.
    """

    session: Annotated[str, line(20)]
    ticket: Annotated[str, line(500)]
    nonce: Annotated[str, line(64)]
    direction: Annotated[Way, way()]
    at: Annotated[datetime | None, instant()]
    sent_at: Annotated[datetime | None, instant()]
    offline: Annotated[bool, tick()]
    place: Annotated[str, line(40, required=False)]
