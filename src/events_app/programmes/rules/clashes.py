"""What stands in the way of a planned session: the same people and places elsewhere, closed doors, days off."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import chain, islice
from math import ceil

import msgspec

from events_app.lib import clock
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.programmes.rules.places import (
    Opening,
    Place,
    days_of,
    distance,
    first_closed_day,
    same_rooms,
    spans_on,
)
from events_app.programmes.rules.sessions import LONGEST
from events_app.programmes.rules.workdays import Workdays

# Whoever has so long between two sessions may take a train or a plane: nobody is warned.
LONGEST_WAY = timedelta(hours=12)
# More warnings of one session than anybody reads are put into one.
MOST = 20
# Nor are more counted with one guest, place, school or organiser: a thousand rows that were all written for the same
# hour would have a million.
_MOST_OF_ONE = 2 * MOST


class ClashKind(StrEnum):
    """In the order in which warnings are shown."""

    GUEST = "guest"
    TRAVEL = "travel"
    ABSENCE = "absence"
    VENUE = "venue"
    CAPACITY = "capacity"
    HOURS = "hours"
    SITE = "site"
    IN_CHARGE = "in_charge"
    HOLIDAY = "holiday"
    MORE = "more"


class Planned(msgspec.Struct, frozen=True):
    """A session that is about to be saved; `session` is its own id when it has one already. The rest are ids."""

    starts_at: datetime
    ends_at: datetime
    venue: int | None
    site: int | None
    in_charge: int | None
    guests: list[int]
    capacity: int
    session: int | None = None


class Clash(msgspec.Struct, frozen=True):
    """A warning. `session` is the code of the other session, or "" when there is none; it is another union's unless
    `own`. `row` is the other one's place in the list that is planned together. `key` names what was shown: it changes
    with the times, people and places of the sentence, so that a tick accepts nothing else.
    """

    kind: ClashKind
    sentence: str
    session: str
    key: str
    own: bool = True
    row: int | None = None


class Other(msgspec.Struct, frozen=True):
    """A session that may be in the way: saved (`session` is its code) or planned in the same list (`row`)."""

    starts_at: datetime
    ends_at: datetime
    place: Place | None
    site: int | None
    in_charge: int | None
    guests: list[int]
    title: str = ""
    session: str = ""
    own: bool = True
    row: int | None = None


class Hall(msgspec.Struct, frozen=True):
    """What is known of a venue: how many it holds and when it is open."""

    place: Place
    capacity: int | None
    hours: list[Opening]


class Away(msgspec.Struct, frozen=True):
    first_day: date
    last_day: date
    reason: str


class Attendance(msgspec.Struct, frozen=True):
    """When a guest can come: bit 0 of `weekdays` is Monday."""

    name: str
    weekdays: int = 127
    absences: list[Away] = []


class Facts(msgspec.Struct, frozen=True):
    """What is known of those who are planned, by id; whoever is missing here is not judged. `speed` is in km/h."""

    venues: dict[int, Hall]
    guests: dict[int, Attendance]
    sites: dict[int, str]
    accounts: dict[int, str]
    speed: int


def judge(
    planned: Sequence[Planned], saved: Iterable[Other], facts: Facts, workdays: Workdays
) -> list[list[Clash]]:
    """The clashes of each planned session, in the same order: with what is saved, with one another, and by itself."""
    rows = [_as_other(row, session, facts) for row, session in enumerate(planned)]
    timelines = _Timelines(chain(saved, rows))
    return [
        most([*_with_others(row, timelines, facts), *_alone(session, facts, workdays)])
        for row, session in zip(rows, planned, strict=True)
    ]


def most(clashes: list[Clash]) -> list[Clash]:
    """As many as can be read; one more stands for the rest, and changes when they do."""
    clashes = sorted(clashes, key=lambda clash: _RANK[clash.kind])
    shown, rest = clashes[:MOST], clashes[MOST:]
    if not rest:
        return shown
    digest = sha256("\n".join(sorted(clash.key for clash in rest)).encode()).hexdigest()[:32]
    sentence = _("另有%(n)s项冲突没有列出。", n=len(rest))
    return [*shown, _clash(ClashKind.MORE, sentence, None, digest)]


class _Timelines:
    """What everybody and every place has to do, in order of time."""

    def __init__(self, others: Iterable[Other]) -> None:
        self._lines: dict[Hashable, list[Other]] = defaultdict(list)
        for other in others:
            for who in _takers(other):
                self._lines[who].append(other)
        for line in self._lines.values():
            line.sort(key=_start)

    def near(self, who: Hashable, one: Other, margin: timedelta = timedelta()) -> list[Other]:
        """The other sessions of `who` less than `margin` before or after this one, those that overlap included."""
        line = self._lines.get(who, [])
        first = bisect_left(line, one.starts_at - margin - LONGEST, key=_start)
        last = bisect_left(line, one.ends_at + margin, key=_start)
        return [
            other
            for other in line[first:last]
            if other.ends_at > one.starts_at - margin and (other.row is None or other.row != one.row)
        ]


def _takers(other: Other) -> Iterator[Hashable]:
    yield from (("guest", guest) for guest in dict.fromkeys(other.guests))
    if other.place:
        yield "building", other.place.building
    yield "site", other.site
    yield "in_charge", other.in_charge


def _with_others(one: Other, timelines: _Timelines, facts: Facts) -> Iterator[Clash]:
    for guest in dict.fromkeys(one.guests):
        if guest in facts.guests:
            found = _of_guest(guest, facts.guests[guest].name, one, timelines, facts.speed)
            yield from islice(found, _MOST_OF_ONE)
    if one.place:
        yield from islice(_of_place(one, one.place, timelines), _MOST_OF_ONE)
    if one.site in facts.sites:
        name = facts.sites[one.site]
        for other in timelines.near(("site", one.site), one)[:_MOST_OF_ONE]:
            sentence = _("%(site)s同时接待另一场：%(other)s。", site=name, other=_named(other))
            yield _clash(ClashKind.SITE, sentence, other, one.site)
    if one.in_charge in facts.accounts:
        name = facts.accounts[one.in_charge]
        for other in timelines.near(("in_charge", one.in_charge), one)[:_MOST_OF_ONE]:
            sentence = _("负责人%(name)s同时负责另一场：%(other)s。", name=name, other=_named(other))
            yield _clash(ClashKind.IN_CHARGE, sentence, other, one.in_charge)


def _of_guest(guest: int, name: str, one: Other, timelines: _Timelines, speed: int) -> Iterator[Clash]:
    near = timelines.near(("guest", guest), one, LONGEST_WAY)
    for other in near:
        if other.starts_at < one.ends_at and one.starts_at < other.ends_at:
            sentence = _("嘉宾%(guest)s同时在另一场：%(other)s。", guest=name, other=_named(other))
            yield _clash(ClashKind.GUEST, sentence, other, guest)
    before = sorted((o for o in near if o.ends_at <= one.starts_at), key=_end, reverse=True)
    after = [o for o in near if o.starts_at >= one.ends_at]
    yield from _way(guest, name, one, before, speed)
    yield from _way(guest, name, one, after, speed)


def _way(guest: int, name: str, one: Other, nearest: Sequence[Other], speed: int) -> Iterator[Clash]:
    """Between this session and the nearest one whose place is known."""
    for other in nearest:
        way = distance(one.place, other.place) if one.place and other.place else None
        if way is not None:
            pause = max(one.starts_at - other.ends_at, other.starts_at - one.ends_at)
            needed = timedelta(hours=way / speed)
            if needed > pause:
                sentence = _way_sentence(name, other, way, speed, needed, pause)
                yield _clash(ClashKind.TRAVEL, sentence, other, guest, _minutes(needed), _minutes(pause))
            return


def _way_sentence(
    name: str, other: Other, way: float, speed: int, needed: timedelta, pause: timedelta
) -> str:
    return _(
        "嘉宾%(guest)s来不及赶路：与%(other)s相距%(distance)s公里，按每小时%(speed)s公里要走%(needed)s分钟，"
        "中间只有%(pause)s分钟。",
        guest=name,
        other=_named(other),
        distance=f"{way:.1f}",
        speed=speed,
        needed=_minutes(needed),
        pause=int(pause.total_seconds() // 60),
    )


def _of_place(one: Other, place: Place, timelines: _Timelines) -> Iterator[Clash]:
    for other in timelines.near(("building", place.building), one):
        if other.place and same_rooms(place, other.place):
            sentence = _("场地“%(venue)s”同时有另一场：%(other)s。", venue=place.name, other=_named(other))
            yield _clash(ClashKind.VENUE, sentence, other, place.id)


def _alone(one: Planned, facts: Facts, workdays: Workdays) -> Iterator[Clash]:
    days = days_of(one.starts_at, one.ends_at)
    for guest in dict.fromkeys(one.guests):
        if guest in facts.guests:
            yield from _absent(guest, facts.guests[guest], days)
    if hall := facts.venues.get(one.venue or 0):
        yield from _of_hall(one, hall)
    for day in days:
        if name := workdays.holiday(day):
            sentence = _("%(day)s放假：%(holiday)s。", day=clock.day_text(day), holiday=name)
            yield _clash(ClashKind.HOLIDAY, sentence, None, day)
            return


def _absent(guest: int, attendance: Attendance, days: Iterable[date]) -> Iterator[Clash]:
    """The first day on which the guest cannot come."""
    for day in days:
        away = next((a for a in attendance.absences if a.first_day <= day <= a.last_day), None)
        if away or not attendance.weekdays >> day.weekday() & 1:
            sentence = _absence_sentence(attendance.name, day, away)
            yield _clash(ClashKind.ABSENCE, sentence, None, guest, day)
            return


def _absence_sentence(name: str, day: date, away: Away | None) -> str:
    if away is None:
        weekday = clock.weekday(day)
        return _(
            "嘉宾%(guest)s%(weekday)s不能来：%(day)s。", guest=name, weekday=weekday, day=clock.day_text(day)
        )
    if not away.reason:
        return _("嘉宾%(guest)s在%(day)s不能来。", guest=name, day=clock.day_text(day))
    return _(
        "嘉宾%(guest)s在%(day)s不能来：%(reason)s。", guest=name, day=clock.day_text(day), reason=away.reason
    )


def _of_hall(one: Planned, hall: Hall) -> Iterator[Clash]:
    place = hall.place
    if hall.capacity is not None and one.capacity > hall.capacity:
        sentence = _(
            "名额%(capacity)s个，超过场地“%(venue)s”能容纳的%(most)s人。",
            capacity=one.capacity,
            venue=place.name,
            most=hall.capacity,
        )
        yield _clash(ClashKind.CAPACITY, sentence, None, place.id, one.capacity, hall.capacity)
    if day := first_closed_day(hall.hours, one.starts_at, one.ends_at):
        yield _clash(
            ClashKind.HOURS, _hours_sentence(hall, day), None, place.id, day, one.starts_at, one.ends_at
        )


def _hours_sentence(hall: Hall, day: date) -> str:
    spans = [clock.hours_text(opens, closes) for opens, closes in spans_on(hall.hours, day)]
    if not spans:
        return _("场地“%(venue)s”%(day)s不开放。", venue=hall.place.name, day=clock.day_text(day))
    return _(
        "不在场地“%(venue)s”的开放时间内：%(day)s开放%(hours)s。",
        venue=hall.place.name,
        day=clock.day_text(day),
        hours=listed(spans),
    )


def _named(other: Other) -> str:
    """The other session as sentences call it."""
    span = clock.span_text(other.starts_at, other.ends_at)
    where = listed([span, other.place.name]) if other.place else span
    if other.row is not None:
        return _("这一批里的一场（%(where)s）", where=where)
    return _("《%(title)s》（%(where)s）", title=other.title, where=where)


def _clash(
    kind: ClashKind, sentence: str, other: Other | None, *facts: int | str | date | datetime | None
) -> Clash:
    if other is None:
        return Clash(kind, sentence, "", _key(kind, *facts))
    place = other.place.id if other.place else None
    key = _key(kind, other.session, place, other.starts_at, other.ends_at, *facts)
    return Clash(kind, sentence, other.session, key, other.own, other.row)


def _key(*facts: int | str | date | datetime | None) -> str:
    return ":".join(
        str(int(f.timestamp())) if isinstance(f, datetime) else "" if f is None else str(f) for f in facts
    )


_RANK = {kind: rank for rank, kind in enumerate(ClashKind)}


def _as_other(row: int, session: Planned, facts: Facts) -> Other:
    hall = facts.venues.get(session.venue or 0)
    return Other(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=hall.place if hall else None,
        site=session.site,
        in_charge=session.in_charge,
        guests=session.guests,
        row=row,
    )


def _minutes(span: timedelta) -> int:
    return ceil(span.total_seconds() / 60)


def _start(other: Other) -> datetime:
    return other.starts_at


def _end(other: Other) -> datetime:
    return other.ends_at
