"""A repeat rule as organisers send it, and what all its sessions share."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from events_app.programmes.rules.repeats import LAST, MOST_DAYS, Frequency, OnHoliday
from events_app.web.forms import day, line, lines, many, moment, one_of, optional, tick, time_of_day, whole


class End(StrEnum):
    """How a rule ends: on a day, or after so many sessions."""

    UNTIL = "until"
    COUNT = "count"


class Weekday(StrEnum):
    """By the numbers that Python gives them."""

    MONDAY = "0"
    TUESDAY = "1"
    WEDNESDAY = "2"
    THURSDAY = "3"
    FRIDAY = "4"
    SATURDAY = "5"
    SUNDAY = "6"


class Nth(StrEnum):
    FIRST = "1"
    SECOND = "2"
    THIRD = "3"
    FOURTH = "4"
    LAST = str(LAST)


class RepeatForm(msgspec.Struct):
    """What the chosen frequency and end do not need may be left empty, as may what the first day tells."""

    first: Annotated[date, day()]
    starts: Annotated[time, time_of_day()]
    ends: Annotated[time, time_of_day()]
    frequency: Annotated[Frequency, one_of(Frequency)]
    interval: Annotated[int, whole(1, 52)]
    weekdays: Annotated[list[Weekday], many(one_of(Weekday), 7)]
    nth: Annotated[Nth, one_of(Nth)]
    weekday: Annotated[Weekday, one_of(Weekday)]
    month_day: Annotated[int | Literal[""], optional(whole(1, 31))]
    end: Annotated[End, one_of(End)]
    until: Annotated[date | Literal[""], optional(day())]
    count: Annotated[int | Literal[""], optional(whole(1, MOST_DAYS))]
    on_holiday: Annotated[OnHoliday, one_of(OnHoliday)]
    title: Annotated[str, line(120, required=False)]
    venue: Annotated[str, line(100)]
    address: Annotated[str, line(200, required=False)]
    site: Annotated[str, line(100, required=False)]
    guests: Annotated[str, lines(4_000)]
    capacity: Annotated[int, whole(1, 1_000_000)]
    opens_at: Annotated[datetime, moment()]
    waiting_list: Annotated[bool, tick()]
    check_in_lead: Annotated[int, whole(0, 1440)]
