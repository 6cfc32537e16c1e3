"""A session as organisers send it."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.web.forms import line, lines, moment, tick, whole


class SessionForm(msgspec.Struct):
    """Times are meant in Shanghai; `guests` holds one guest a line: name, honour, unit."""

    title: Annotated[str, line(120, required=False)]
    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    venue: Annotated[str, line(100)]
    address: Annotated[str, line(200, required=False)]
    site: Annotated[str, line(100, required=False)]
    capacity: Annotated[int, whole(1, 1_000_000)]
    waiting_list: Annotated[bool, tick()]
    opens_at: Annotated[datetime, moment()]
    closes_at: Annotated[datetime, moment()]
    check_in_lead: Annotated[int, whole(0, 1440)]
    guests: Annotated[str, lines(4_000)]
