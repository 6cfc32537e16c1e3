"""What is known of guests, in words: their days, their fields, and who can come."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

import msgspec

from events_app.lib.clock import local, midnight, weekday
from events_app.lib.language import gettext as _
from events_app.lib.language import listed

EVERY_DAY = 127
_SEPARATORS = re.compile(r"[,，;；、/\n]+")
_MONDAY = date(2024, 1, 1)
_DAY = timedelta(days=1)


class Away(Protocol):
    """Days, the last one included, on which somebody cannot come."""

    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...


class Taking(Protocol):
    """What takes somebody's time."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def is_busy(self) -> bool: ...


class FreeDay(msgspec.Struct, frozen=True):
    """One day of a guest: `state` is free, busy, away or never."""

    day: date
    state: str


def tidy_list(text: str) -> str:
    """What is parted by any comma, once each, parted by “、”."""
    parts = (part.strip() for part in _SEPARATORS.split(text))
    return "、".join(dict.fromkeys(part for part in parts if part))


def weekday_bits(days: Iterable[int]) -> int:
    """0 is Monday."""
    return sum(1 << day for day in set(days))


def weekdays_of(bits: int) -> list[int]:
    return [day for day in range(7) if bits >> day & 1]


def weekday_options() -> list[tuple[str, str]]:
    return [(str(n), weekday(_MONDAY + n * _DAY)) for n in range(7)]


def weekdays_text(bits: int) -> str:
    """周一、周三; “每天” for all of them."""
    if bits == EVERY_DAY:
        return _("每天")
    return listed(weekday(_MONDAY + n * _DAY) for n in weekdays_of(bits)) or _("都不能来")


def free_days(
    first: date, count: int, bits: int, absences: Sequence[Away], sessions: Sequence[Taking]
) -> list[FreeDay]:
    """`count` days from `first`, and whether the guest can come on each."""
    busy = [session for session in sessions if session.is_busy]
    return [_free_day(first + n * _DAY, bits, absences, busy) for n in range(count)]


def day_state_name(state: str) -> str:
    names = {"free": _("有空"), "busy": _("有场次"), "away": _("不在"), "never": _("不便")}
    return names[state]


def absence_errors(first_day: date, last_day: date) -> dict[str, str]:
    if last_day < first_day:
        return {"last_day": _("最后一天不能早于第一天。")}
    if last_day - first_day > timedelta(days=3660):
        return {"last_day": _("一段时间最长十年。")}
    return {}


def _free_day(day: date, bits: int, absences: Sequence[Away], busy: Sequence[Taking]) -> FreeDay:
    if any(local(s.starts_at).date() <= day and s.ends_at > midnight(day) for s in busy):
        return FreeDay(day, "busy")
    if any(a.first_day <= day <= a.last_day for a in absences):
        return FreeDay(day, "away")
    return FreeDay(day, "free" if bits >> day.weekday() & 1 else "never")
