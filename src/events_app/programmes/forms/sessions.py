"""A session as organisers send it."""

from datetime import datetime
from typing import Annotated

from events_app.programmes.forms.clashes import ClashTick
from events_app.web.forms import Reader, line, lines, moment, optional, tick, whole


class SessionForm(ClashTick, kw_only=True):
    """Times are meant in Shanghai; `guests` holds one guest a line: name, honour, unit.

    Without a time at which registration closes it does when the session begins. `in_charge` is an account's id as
    text, "" for nobody, None when the form does not ask for it.
    """

    title: Annotated[str, line(120, required=False)]
    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    venue: Annotated[str, line(203)]
    address: Annotated[str, line(200, required=False)]
    site: Annotated[str, line(100, required=False)]
    in_charge: Annotated[
        str | None, Reader(lambda raw: raw if raw is None else line(20, required=False).read(raw))
    ] = None
    capacity: Annotated[int, whole(1, 1_000_000)]
    waiting_list: Annotated[bool, tick()]
    opens_at: Annotated[datetime, moment()]
    closes_at: Annotated[datetime, optional(moment())]
    check_in_lead: Annotated[int, whole(0, 1440)]
    guests: Annotated[str, lines(4_000)]

    def __post_init__(self) -> None:
        self.closes_at = self.closes_at or self.starts_at


class PlannedForm(ClashTick, kw_only=True):
    """The part of a session's form that clashes are looked for with, while the rest is still being written."""

    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    venue: Annotated[str, line(203, required=False)]
    address: Annotated[str, line(200, required=False)]
    site: Annotated[str, line(100, required=False)]
    in_charge: Annotated[str, line(20, required=False)]
    capacity: Annotated[int | str, optional(whole(1, 1_000_000))]
    guests: Annotated[str, lines(4_000)]
