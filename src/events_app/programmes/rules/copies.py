"""Sessions planned again on other days: how far they move, and what of them is copied."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from events_app.lib.clock import ZONE, local
from events_app.lib.language import parted
from events_app.programmes.rules.repeats import same_wall
from events_app.programmes.rules.rows import Defaults, Row

WEEK = 7
# The same weekday a year later.
YEAR = 52 * WEEK
_YEAR_IN_TITLE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_PARTS_GUESTS = re.compile(r"[,，;；\n]")


class Shift(StrEnum):
    """How far copies lie from what they are copied from: so many days or weeks, or so that the first is on a day."""

    DAYS = "days"
    WEEKS = "weeks"
    FIRST = "first"


class Invited(Protocol):
    """A guest by name, honour and unit."""

    @property
    def name(self) -> str: ...
    @property
    def honour(self) -> str: ...
    @property
    def unit(self) -> str: ...


class Copied(Protocol):
    """What of a session its copy has too."""

    @property
    def title(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def check_in_opens_at(self) -> datetime: ...
    @property
    def waiting_list(self) -> bool: ...
    @property
    def capacity(self) -> int: ...
    @property
    def venue(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def site_name(self) -> str | None: ...
    @property
    def in_charge_name(self) -> str | None: ...
    @property
    def guests(self) -> Sequence[Invited]: ...


def days_until(first: date, sessions: Sequence[Copied], *, whole_weeks: bool) -> int:
    """How far to move for the first of `sessions` to be on `first`, or on its own weekday next to it."""
    days = (first - first_day(sessions)).days
    return round(days / WEEK) * WEEK if whole_weeks else days


def first_day(sessions: Sequence[Copied]) -> date:
    return min(local(session.starts_at).date() for session in sessions)


def copied_row(session: Copied, days: int) -> Row:
    """At the same time by the wall, `days` later."""
    starts_at, ends_at = (same_wall(at, days, ZONE) for at in (session.starts_at, session.ends_at))
    starts, ends = local(starts_at), local(ends_at)
    same_day = starts.date() == ends.date()
    return {
        "day": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}" if same_day else f"{ends:%Y-%m-%d %H:%M}",
        "title": session.title,
        "venue": session.venue,
        "address": session.address,
        "site": session.site_name or "",
        "in_charge": session.in_charge_name or "",
        "capacity": str(session.capacity),
        "guests": "\n".join(_guest_line(guest) for guest in session.guests),
    }


def copied_defaults(sessions: Sequence[Copied], days: int) -> Defaults:
    """A batch has these once: they are those of the first session, and registration opens when the earliest did."""
    first = min(sessions, key=lambda session: session.starts_at)
    return Defaults(
        opens_at=same_wall(min(session.opens_at for session in sessions), days, ZONE),
        closes_at_start=first.closes_at <= first.starts_at,
        waiting_list=first.waiting_list,
        check_in_lead=max((first.starts_at - first.check_in_opens_at) // timedelta(minutes=1), 0),
    )


def next_years_title(title: str) -> str:
    """Every year in it raised by one."""
    return _YEAR_IN_TITLE.sub(lambda year: str(int(year[0]) + 1), title)


def _guest_line(guest: Invited) -> str:
    """As a row has it; who cannot be written so is written by name alone."""
    parts = [guest.name, guest.honour, guest.unit]
    if any(_PARTS_GUESTS.search(part) for part in parts):
        return guest.name
    return parted(parts)
