"""Calendar files (RFC 5545): what happens when and where, and nothing about who.

No alarm and no attendee is ever written: it is not for us to ring at a whole school, or to name people.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from events_app.lib.clock import ZONE, local
from events_app.lib.language import gettext as _

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

FORM = 1  # raise it when files get another form, so that clients fetch theirs again
MEDIA_TYPE = "text/calendar"  # Litestar adds the charset
_AGAIN = timedelta(hours=1)
# A bare CR inside a text would begin a line of its own; NUL and its like make a client refuse the whole file.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Entry(msgspec.Struct, frozen=True):
    """One appointment. `uid` never changes, `sequence` grows with every change that people must hear of.

    `geo` is latitude and longitude in WGS 84 degrees.
    """

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    sequence: int = 0
    cancelled: bool = False
    postponed: bool = False
    tentative: bool = False
    location: str = ""
    description: str = ""
    url: str = ""
    geo: tuple[float, float] | None = None


def calendar(name: str, entries: Sequence[Entry], *, url: str = "", subscribed: bool = False) -> bytes:
    """A whole .ics file. `subscribed`: clients come back for it every hour and show it under `name`.

    A single file goes without that, because Outlook would put one ticket into a calendar of its own.
    """
    import icalendar  # here, not above: it takes 0.1 s and 10 MB that a process without feeds never needs

    book = icalendar.Calendar()
    book.add("prodid", "-//events_app//events_app//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    if subscribed:
        _add_subscription(book, _line(name), url)
    book.add_component(_shanghai())
    for entry in entries:
        book.add_component(_event(entry))
    return bytes(book.to_ical(sorted=False))


def _add_subscription(book: "Calendar", name: str, url: str) -> None:
    """RFC 7986 §5, and the older names that Apple, Google and Outlook read."""
    book.add("name", name)
    book.add("x-wr-calname", name)
    book.add("x-wr-timezone", ZONE.key)
    book.add("refresh-interval", _AGAIN, parameters={"value": "DURATION"})
    book.add("x-published-ttl", "PT1H")
    if url:
        book.add("url", url)


def _shanghai() -> "Timezone":
    """UTC+8 all the year since 1991: one rule says everything about any date in our calendars."""
    from icalendar import Timezone, TimezoneStandard

    rule = TimezoneStandard()
    rule.add("dtstart", datetime(1992, 1, 1))
    rule.add("tzoffsetfrom", timedelta(hours=8))
    rule.add("tzoffsetto", timedelta(hours=8))
    rule.add("tzname", "CST")
    zone = Timezone()
    zone.add("tzid", ZONE.key)
    zone.add_component(rule)
    return zone


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", _line(entry.uid))
    event.add("dtstamp", entry.updated_at.astimezone(UTC))
    event.add("last-modified", entry.updated_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("dtstart", local(entry.starts_at))
    event.add("dtend", local(entry.ends_at))
    mark, status = _standing(entry)
    event.add("summary", _line(mark + entry.title))
    event.add("status", status)
    _add_where(event, entry)
    return event


def _standing(entry: Entry) -> tuple[str, str]:
    """What stands before the title, for programmes that show no status, and the status."""
    if entry.cancelled:
        return _("【已取消】"), "CANCELLED"
    if entry.postponed:
        return _("【延期】"), "TENTATIVE"
    return (_("【待确认】"), "TENTATIVE") if entry.tentative else ("", "CONFIRMED")


def _add_where(event: "Event", entry: Entry) -> None:
    if location := _line(entry.location):
        event.add("location", location)
    if entry.geo:
        event.add("geo", entry.geo)
    if description := _lines(entry.description):
        event.add("description", description)
    if url := _line(entry.url):
        event.add("url", url)


def _line(text: str) -> str:
    # A byte order mark inside a text says nothing, and readers drop it.
    return _CONTROLS.sub(" ", _SURROGATES.sub("\ufffd", text.replace("\ufeff", ""))).strip()


def _lines(text: str) -> str:
    kept = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(map(_line, kept)).strip()
