"""Which days a rule names. Days are plain dates as people live them; moments are made from them last.

A day is never computed from a moment in UTC: 23:30 on 30 March in Shanghai stays on 30 March.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from itertools import islice, takewhile
from typing import Any, Literal

import msgspec
from dateutil import rrule

from events_app.lib.clock import day_text, short_day_text, weekday
from events_app.lib.language import gettext as _
from events_app.programmes.rules.workdays import Workdays

MOST_DAYS = 500
# No rule looks further ahead.
HORIZON = timedelta(days=3660)
LAST = -1
# Every month has so many days.
_SHORTEST_MONTH = 28
_MONDAY = date(2026, 11, 23)


class Frequency(StrEnum):
    WEEKLY = "weekly"
    MONTHLY_WEEKDAY = "monthly_weekday"
    MONTHLY_DAY = "monthly_day"
    WORKDAYS = "workdays"


class OnHoliday(StrEnum):
    """What becomes of a day that turns out to be a public holiday."""

    SKIP = "skip"
    MOVE = "move"
    KEEP = "keep"


class Repeat(msgspec.Struct, frozen=True):
    """A rule from `first` on, until a date (included) or for `count` days.

    Every `interval` weeks or months. Weekly on `weekdays` (0 is Monday), monthly on the `nth` (1 to 4, or LAST)
    `weekday`, or on the `month_day`th: a month that is too short has it on its last day.
    """

    first: date
    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int = 1
    weekday: int = 0
    month_day: int = 1
    until: date | None = None
    count: int | None = None
    on_holiday: OnHoliday = OnHoliday.SKIP


class PlannedDay(msgspec.Struct, frozen=True):
    """A day of the rule, with what is to be said of it."""

    day: date
    note: str = ""


class Plan(msgspec.Struct, frozen=True):
    """The days in order, each once, and a sentence for each day that was left out."""

    days: list[PlannedDay]
    left_out: list[str]


def plan_days(repeat: Repeat, calendar: Workdays) -> Plan:
    """Up to one day more than MOST_DAYS, so that too many can be told. Days left out do not count towards `count`."""
    named = list(islice(_named_days(repeat, calendar), 2 * MOST_DAYS))
    most = repeat.count or MOST_DAYS + 1
    taken = {p.day for p in named if not calendar.holiday(p.day)}
    days: list[PlannedDay] = []
    left_out: list[str] = []
    for planned in named:
        if len(days) == most:
            break
        kept = _on_holiday(planned, repeat, calendar, taken)
        if isinstance(kept, PlannedDay):
            taken.add(kept.day)
            days.append(kept)
        else:
            left_out.append(kept)
    return Plan(sorted(days, key=lambda p: p.day), left_out)


def unsettled_years(days: list[date], calendar: Workdays) -> list[int]:
    """Years among `days` whose weekends to be worked are not known yet."""
    return [year for year in sorted({day.year for day in days}) if not calendar.settled(year)]


def repeat_words() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen for a rule, each with its name."""
    weekdays = [(str(n), weekday(_MONDAY + timedelta(days=n))) for n in range(7)]
    return {
        "weekdays": weekdays,
        "nth": [
            ("1", _("第一个")),
            ("2", _("第二个")),
            ("3", _("第三个")),
            ("4", _("第四个")),
            (str(LAST), _("最后一个")),
        ],
        "on_holiday": [
            (OnHoliday.SKIP, _("跳过，不安排")),
            (OnHoliday.MOVE, _("顺延到下一个工作日（调休上班的周末也算）")),
            (OnHoliday.KEEP, _("照常安排")),
        ],
    }


def moment_on(day: date, wall: time, zone: tzinfo) -> datetime:
    """The moment at which clocks in `zone` show `wall` on `day`.

    Where clocks are put forward over it, it is as long after the last hour that there was; where they show it twice,
    it is the first time.
    """
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)


def same_wall(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """So many days later at the same time by the clocks in `zone`."""
    here = moment.astimezone(zone)
    return moment_on(here.date() + timedelta(days=days), here.time(), zone)


def _on_holiday(
    planned: PlannedDay, repeat: Repeat, calendar: Workdays, taken: set[date]
) -> PlannedDay | str:
    """The day to keep, another one instead, or why there is none."""
    holiday = calendar.holiday(planned.day)
    if not holiday:
        return _with_note(planned, _("当天调休上班")) if calendar.made_up(planned.day) else planned
    if repeat.on_holiday == OnHoliday.KEEP:
        return _with_note(planned, _("当天是%(holiday)s假期", holiday=holiday))
    named = {"day": day_text(planned.day), "holiday": holiday}
    if repeat.on_holiday == OnHoliday.SKIP:
        return _("%(day)s是%(holiday)s假期，不安排。", **named)
    return _moved(planned, repeat, calendar.next_workday(planned.day), taken, named)


def _moved(
    planned: PlannedDay, repeat: Repeat, target: date | None, taken: set[date], named: dict[str, str]
) -> PlannedDay | str:
    if target is None or (repeat.until and target > repeat.until):
        return _("%(day)s是%(holiday)s假期，下一个工作日已在截止日期之后，不安排。", **named)
    if target in taken:
        named["target"] = short_day_text(target)
        return _("%(day)s是%(holiday)s假期，下一个工作日%(target)s已有一场，不再安排。", **named)
    note = _("原为%(day)s（%(holiday)s），顺延", day=short_day_text(planned.day), holiday=named["holiday"])
    return PlannedDay(target, _joined(planned.note, note))


def _named_days(repeat: Repeat, calendar: Workdays) -> Iterator[PlannedDay]:
    """What the rule names, holidays too, until its end or the horizon."""
    end = min(repeat.until or date.max, _later(repeat.first, HORIZON))
    days = _every_workday(repeat, calendar) if repeat.frequency == Frequency.WORKDAYS else _by_rule(repeat)
    for day in takewhile(lambda day: day <= end, days):
        yield PlannedDay(day, _month_end_note(repeat, day))


def _every_workday(repeat: Repeat, calendar: Workdays) -> Iterator[date]:
    days = (repeat.first + timedelta(days=n) for n in range(HORIZON.days + 1))
    return (day for day in days if calendar.works(day))


def _by_rule(repeat: Repeat) -> Iterator[date]:
    """The interval counts from the first week or month in which the rule names a day, whatever day `first` is."""
    kind: Literal[1, 2] = rrule.WEEKLY if repeat.frequency == Frequency.WEEKLY else rrule.MONTHLY
    rule = partial(rrule.rrule, kind, wkst=rrule.MO, **_by(repeat))
    first = next(iter(rule(dtstart=_naive(repeat.first))))
    return (at.date() for at in rule(dtstart=first, interval=repeat.interval))


def _by(repeat: Repeat) -> dict[str, Any]:
    """The rule's parts as RFC 5545 §3.3.10 names them."""
    match repeat.frequency:
        case Frequency.WEEKLY:
            return {"byweekday": repeat.weekdays or (repeat.first.weekday(),)}
        case Frequency.MONTHLY_WEEKDAY:
            return {"byweekday": rrule.weekday(repeat.weekday, repeat.nth)}
        case _:
            least = min(repeat.month_day, _SHORTEST_MONTH)
            return {"bymonthday": tuple(range(least, repeat.month_day + 1)), "bysetpos": -1}


def _month_end_note(repeat: Repeat, day: date) -> str:
    if repeat.frequency != Frequency.MONTHLY_DAY or day.day == repeat.month_day:
        return ""
    return _("%(month)s月没有%(n)s日，排在月末", month=day.month, n=repeat.month_day)


def _with_note(planned: PlannedDay, note: str) -> PlannedDay:
    return PlannedDay(planned.day, _joined(planned.note, note))


def _joined(*notes: str) -> str:
    return "；".join(note for note in notes if note)


def _later(day: date, by: timedelta) -> date:
    return min(day, date.max - by) + by


def _naive(day: date) -> datetime:
    """As dateutil takes a day: midnight of no zone, of which only the date is read again."""
    return datetime.combine(day, time())
