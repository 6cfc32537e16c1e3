"""What gates and scripts send."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.checkin.tables import Direction
from events_app.web.forms import Reader, instant, line, one_of, tick


def direction() -> Reader:
    """`in` unless `out` is said."""
    read = one_of(Direction).read
    return Reader(lambda raw: Direction.IN if raw is None else read("" if raw == Direction.UNDO else raw))


class ScanForm(msgspec.Struct):
    """The gate page: `ticket` is whatever was scanned or typed. A page without JavaScript sends no nonce."""

    ticket: Annotated[str, line(500)]
    nonce: Annotated[str, line(64, required=False)]
    direction: Annotated[Direction, direction()]
    place: Annotated[str, line(40, required=False)]


class CheckInBody(msgspec.Struct):
    """POST /api/v1/check-ins. `at` counts for a scan that was made `offline`; `sent_at` puts a wrong clock right.
    `place` is what the door is called.
    """

    session: Annotated[str, line(20)]
    ticket: Annotated[str, line(500)]
    nonce: Annotated[str, line(64)]
    direction: Annotated[Direction, direction()]
    at: Annotated[datetime | None, instant()]
    sent_at: Annotated[datetime | None, instant()]
    offline: Annotated[bool, tick()]
    place: Annotated[str, line(40, required=False)]
