"""An organiser's sessions as lines of an agenda, in a month's cells, a week's columns, and rows of who and where."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import msgspec

from events_app.lib.clock import field_text, local, short_day_text, weekday
from events_app.lib.language import gettext as _
from events_app.lib.language import parted
from events_app.programmes.rules.activities import kind_name
from events_app.programmes.rules.life import activity_state_name
from events_app.programmes.rules.sessions import Phase, phase, phase_name
from events_app.programmes.tables import ActivityState, Kind
from events_app.schedules.rules.lanes import Span, side_by_side
from events_app.schedules.rules.schedule import (
    STATES,
    Day,
    Line,
    day_heading,
    headline,
    hour_text,
    month_cells,
)

# Hours that a week shows even when nothing happens in them.
_FIRST_HOUR, _LAST_HOUR = 8, 20
_MOST_LANES = 3
_QUARTER = 15


class RowKind(StrEnum):
    """What the rows of a timetable are; ALL is one row for everything."""

    ALL = "all"
    VENUE = "venue"
    GUEST = "guest"
    SITE = "site"


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A session on one of its days in one of the rows; `total` is how many there are in that place.

    `fits`: it is what was asked for, and not only there because it takes the place.
    """

    row: str
    day: date
    total: int
    fits: bool
    code: str
    title: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    first_day: date
    last_day: date
    state: ActivityState
    published: bool
    called_off_at: datetime | None
    postponed_at: datetime | None
    venue: str
    site: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A session as a line of the agenda; `total` is how many lines there are."""

    total: int
    code: str
    title: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    state: ActivityState
    published: bool
    called_off_at: datetime | None
    postponed_at: datetime | None
    venue: str
    site: str
    opens_at: datetime
    closes_at: datetime
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    in_charge: str
    guests: str


class TimetableRow(msgspec.Struct, frozen=True):
    """A venue, guest, school or company. `open` has bit 0 set for a Monday on which it can be had at all.

    `above` is the building around a room, or a guest's honour; `total` how many rows there are.
    """

    code: str
    name: str
    above: str
    open: int
    absent: list[date]
    total: int


def agenda(sessions: Iterable[Listing], now: datetime, first: date) -> list[Day]:
    """Days with the lines of what begins on them; what began before `first` stands on `first`."""
    grouped: dict[date, list[Line]] = {}
    for session in sessions:
        begins = local(session.starts_at).date()
        line = _agenda_line(session, now, goes_on=begins < first)
        grouped.setdefault(max(begins, first), []).append(line)
    return [day_heading(day, lines, local(now).date()) for day, lines in grouped.items()]


def month(placed: Iterable[Placed], month: date, now: datetime) -> list[list[Day]]:
    """Weeks for `_ui/month.html`."""
    marks = _Marks(now)
    lines: dict[date, list[Line]] = {}
    totals: dict[date, int] = {}
    for each in placed:
        totals[each.day] = each.total
        lines.setdefault(each.day, []).append(_line(each, marks))
    return month_cells(month, lines, totals, local(now).date())


def week(placed: Sequence[Placed], monday: date, now: datetime) -> dict[str, Any]:
    """The hours down the side and seven columns, sessions of several days above them."""
    marks = _Marks(now)
    short = [each for each in placed if each.first_day == each.last_day]
    first, last = _hours(short)
    days = [monday + timedelta(days=number) for number in range(7)]
    return {
        "first_hour": first,
        "hours": [{"text": f"{hour:02}:00", "line": (hour - first) * 4 + 1} for hour in range(first, last)],
        "days": [_column(day, [each for each in placed if each.day == day], first, marks) for day in days],
    }


def grid(
    rows: Iterable[TimetableRow],
    placed: Iterable[Placed],
    monday: date,
    kind: RowKind,
    now: datetime,
    activity: str = "",
) -> list[dict[str, Any]]:
    """A line for each row with a cell for each day of the week; free ones may take a session of that activity."""
    marks = _Marks(now)
    found: dict[tuple[str, date], list[Placed]] = {}
    for each in placed:
        found.setdefault((each.row, each.day), []).append(each)
    days = [monday + timedelta(days=number) for number in range(7)]
    return [
        {
            "code": row.code,
            "name": row.name,
            "above": row.above,
            "full_name": _full_name(row),
            "new": _new_session(row, kind, activity),
            "cells": [_grid_cell(row, day, found.get((row.code, day), []), kind, marks) for day in days],
        }
        for row in rows
    ]


def week_heads(monday: date, now: datetime) -> list[Day]:
    days = [monday + timedelta(days=number) for number in range(7)]
    return [_head(day, local(now).date()) for day in days]


class _Marks:
    """What is written beside a session that is not simply to come, looked up once a page."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.called_off = _("已取消")
        self.postponed = _("已延期")
        self.goes_on = _("持续")
        self.kinds = {kind: kind_name(kind) for kind in Kind}

    def of(self, session: Placed | Listing) -> tuple[str, str]:
        """A state for the stylesheet, and its word."""
        if session.called_off_at:
            return "called_off", self.called_off
        if session.postponed_at:
            return "postponed", self.postponed
        if not session.published:
            return "draft", activity_state_name(session.state)
        return ("over", "") if session.ends_at <= self.now else ("", "")


def _line(session: Placed, marks: _Marks, rows: RowKind = RowKind.ALL) -> Line:
    state, mark = marks.of(session)
    starts, ends = local(session.starts_at), local(session.ends_at)
    goes_on = session.first_day < session.day
    time = marks.goes_on if goes_on else hour_text(starts)
    one_day = session.first_day == session.last_day
    hours = f"{hour_text(starts)}–{hour_text(ends)}"
    place = _place(session, rows)
    return {
        "href": f"/manage/sessions/{session.code}",
        "code": session.code,
        "time": time,
        "hours": hours if one_day else time,
        "title": session.title or session.activity_title,
        "headline": headline(session.activity_title, session.title),
        "place": place,
        "about": " · ".join(
            filter(
                None, (mark, hours if one_day else "", headline(session.activity_title, session.title), place)
            )
        ),
        "state": state,
        "mark": mark,
        "fits": session.fits,
        "kind": session.kind.value,
        "movable": state not in ("called_off", "over"),
        "starts": field_text(starts),
        "minutes": int((ends - starts).total_seconds()) // 60,
    }


def _place(session: Placed, rows: RowKind) -> str:
    """Where it is, as far as its row does not say so."""
    if rows is RowKind.VENUE:
        return session.site
    return session.venue if rows is RowKind.SITE else session.site or session.venue


def _agenda_line(session: Listing, now: datetime, *, goes_on: bool) -> Line:
    marks = _Marks(now)
    state, mark = marks.of(session)
    when = phase(session, now)
    starts, ends = local(session.starts_at), local(session.ends_at)
    one_day = starts.date() == (ends - timedelta(microseconds=1)).date()
    until = "" if one_day else _("至%(day)s%(time)s", day=short_day_text(ends.date()), time=hour_text(ends))
    begins = marks.goes_on if goes_on else hour_text(starts)
    return {
        "href": f"/manage/sessions/{session.code}",
        "code": session.code,
        "headline": headline(session.activity_title, session.title),
        "hours": f"{begins}–{hour_text(ends)}" if one_day and not goes_on else begins,
        "until": until,
        "kind": marks.kinds[session.kind],
        "venue": session.venue,
        "site": session.site,
        "in_charge": session.in_charge,
        "guests": session.guests,
        "state": state,
        "badge": state if mark else STATES[when],
        "text": mark or phase_name(when),
        "taken": session.taken,
        "capacity": session.capacity,
        "waiting": session.waiting,
        "movable": when not in (Phase.CALLED_OFF, Phase.OVER),
    }


def _hours(sessions: Iterable[Placed]) -> tuple[int, int]:
    """The first hour that is shown and the one before which it ends."""
    first, last = _FIRST_HOUR, _LAST_HOUR
    for each in sessions:
        begins, ends = _minutes(each)
        first, last = min(first, begins // 60), max(last, -(-ends // 60))
    return first, last


def _minutes(session: Placed) -> tuple[int, int]:
    """When a session of one day begins and ends, in minutes after midnight."""
    starts = local(session.starts_at)
    begins = starts.hour * 60 + starts.minute
    return begins, begins + int((session.ends_at - session.starts_at).total_seconds()) // 60


def _span(session: Placed, first_hour: int) -> Span:
    """Lines of a column, the first one being 1: a quarter of an hour each, and at least two."""
    begins, ends = _minutes(session)
    first = (begins - first_hour * 60) // _QUARTER + 1
    return Span(first, max(-(-(ends - first_hour * 60) // _QUARTER) + 1, first + 2))


def _column(day: date, placed: Sequence[Placed], first_hour: int, marks: _Marks) -> Day:
    short = sorted((each for each in placed if each.first_day == each.last_day), key=lambda s: s.starts_at)
    spans = [_span(each, first_hour) for each in short]
    places, rests = side_by_side(spans, _MOST_LANES)
    items: list[Line] = [
        {
            **_line(each, marks),
            "first": span.first,
            "end": span.end,
            "lane": place.lane + 1,
            "lanes": place.lanes,
        }
        for each, span, place in zip(short, spans, places, strict=True)
        if place.lane is not None
    ]
    items += [{"rest": rest.hidden, "first": rest.span.first, "end": rest.span.end} for rest in rests]
    total = placed[0].total if placed else 0
    return {
        **_head(day, local(marks.now).date()),
        "long": [_line(each, marks) for each in placed if each.first_day < each.last_day],
        "items": sorted(items, key=lambda item: item["first"]),
        "total": total,
        "more": total - len(placed),
    }


def _grid_cell(row: TimetableRow, day: date, placed: Sequence[Placed], kind: RowKind, marks: _Marks) -> Day:
    total = placed[0].total if placed else 0
    return {
        "iso": day.isoformat(),
        "closed": _closed(row, day, kind),
        "free": total == len(placed) and all(each.called_off_at for each in placed),
        "sessions": [_line(each, marks, kind) for each in placed],
        "more": total - len(placed),
    }


def _head(day: date, today: date) -> Day:
    return {
        "iso": day.isoformat(),
        "date": short_day_text(day),
        "weekday": weekday(day),
        "today": day == today,
        "weekend": day.weekday() >= 5,
    }


def _full_name(venue: TimetableRow) -> str:
    return f"{venue.above}·{venue.name}" if venue.above else venue.name


def _new_session(row: TimetableRow, kind: RowKind, activity: str) -> str:
    """The form for a new session there, with a day to be written behind it."""
    if not activity:
        return ""
    known = {
        RowKind.VENUE: ("venue", _full_name(row)),
        RowKind.GUEST: ("guests", parted(filter(None, (row.name, row.above)))),
        RowKind.SITE: ("site", row.name),
    }
    return f"/manage/activities/{activity}/sessions/new?{urlencode([known[kind], ('date', '')])}"


def _closed(row: TimetableRow, day: date, kind: RowKind) -> str:
    """Why it cannot be had on that day, or ""."""
    if day in row.absent:
        return _("请假")
    if row.open & 1 << day.weekday():
        return ""
    return _("不便") if kind is RowKind.GUEST else _("不开放")
