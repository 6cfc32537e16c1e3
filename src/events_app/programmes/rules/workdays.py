"""Which days are public holidays and which are worked, weekends made up for (调休) included.

The State Council's table comes from the `holidays` library; a union's own days come before it.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache

import msgspec

from events_app.lib.language import gettext as _

_LIBRARY = "holidays.countries.china"
_DAY = timedelta(days=1)
_SATURDAY = 5
# The library's calendar of moons ends there.
_LAST_YEAR = 2099
# How it names a day that is off because another is worked (“休息日（由 2026-01-04 调休）”), or in place of a weekend.
_SUBSTITUTED = "休息日"


class OwnDay(msgspec.Struct, frozen=True):
    """A day on which a union differs from the table: worked, or off."""

    day: date
    works: bool
    name: str


class StateYear(msgspec.Struct, frozen=True):
    """The State Council's table of a year: days off by name, and weekends that are worked."""

    off: dict[date, str]
    worked: frozenset[date]


class YearRow(msgspec.Struct, frozen=True):
    """Days in a row that are out of the ordinary for the same reason; `own` is the union's."""

    first: date
    last: date
    works: bool
    name: str
    own: bool

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Workdays:
    """A union's calendar: the State Council's table with its own days."""

    def __init__(self, own: Iterable[OwnDay] = ()) -> None:
        self.own = {row.day: row for row in own}

    def holiday(self, day: date) -> str:
        """The public holiday, or the union's own, on which that day is off; "" on every other day."""
        own = self.own.get(day)
        if own:
            return "" if own.works else own.name
        return holiday_name(state_year(day.year).off.get(day, ""))

    def made_up(self, day: date) -> bool:
        """A day off by the week that is worked all the same."""
        own = self.own.get(day)
        if own:
            return own.works and day.weekday() >= _SATURDAY
        return day in state_year(day.year).worked

    def works(self, day: date) -> bool:
        own = self.own.get(day)
        if own:
            return own.works
        year = state_year(day.year)
        return day in year.worked or (day.weekday() < _SATURDAY and day not in year.off)

    def settled(self, year: int) -> bool:
        """Whether somebody has said which weekends of `year` are worked: the yearly notice, or the union itself."""
        return announced(year) or any(day.year == year for day in self.own)

    def year_rows(self, year: int) -> list[YearRow]:
        """What differs from plain weeks in `year`, in order; the union's own days stand one by one."""
        first = date(year, 1, 1)
        days = [first + n * _DAY for n in range((date(year, 12, 31) - first).days + 1)]
        rows: list[YearRow] = []
        for row in filter(None, map(self._row, days)):
            last = rows[-1] if rows else None
            if last and last.last + _DAY == row.first and not row.own and _same(last, row):
                rows[-1] = YearRow(last.first, row.last, row.works, row.name, row.own)
            else:
                rows.append(row)
        return rows

    def _row(self, day: date) -> YearRow | None:
        own = self.own.get(day)
        if own:
            return YearRow(day, day, own.works, own.name, True)
        year = state_year(day.year)
        if day in year.worked:
            return YearRow(day, day, True, _("调休上班"), False)
        return YearRow(day, day, False, holiday_name(year.off[day]), False) if day in year.off else None

    def next_workday(self, day: date) -> date | None:
        """The first one after `day`; None when nothing is worked for a year."""
        following = (day + n * _DAY for n in range(1, 366))
        return next((later for later in following if self.works(later)), None)


def holiday_name(name: str) -> str:
    """A public holiday in the reader's language; those that were only once keep the name that the library has."""
    names = {
        "元旦": _("元旦"),
        "农历除夕": _("农历除夕"),
        "春节": _("春节"),
        "清明节": _("清明节"),
        "劳动节": _("劳动节"),
        "端午节": _("端午节"),
        "中秋节": _("中秋节"),
        "国庆节": _("国庆节"),
    }
    return names.get(name, name)


def _same(one: YearRow, other: YearRow) -> bool:
    return (one.works, one.name, one.own) == (other.works, other.name, other.own)


@cache
def state_year(year: int) -> StateYear:
    """Raises nothing for years the library does not know: they have weekends alone."""
    if not 2000 <= year <= _LAST_YEAR:
        return StateYear({}, frozenset())
    from holidays.countries.china import China

    # The years beside it too: New Year's holiday may begin in December.
    table = China(years=range(year - 1, min(year + 1, _LAST_YEAR) + 1), language="zh_CN")  # type: ignore[no-untyped-call]
    named = {day: name for day, name in table.items() if isinstance(day, date)}
    worked = table.weekend_workdays
    off = dict(_spread(named, worked, date(year - 1, 12, 1), date(year + 1, 1, 31)))
    return StateYear(
        {day: name for day, name in off.items() if day.year == year},
        frozenset(day for day in worked if day.year == year),
    )


def announced(year: int) -> bool:
    """Whether the library has the notice on which weekends of `year` are worked; else only the statutory days."""
    from holidays.countries.china import ChinaStaticHolidays

    return year <= max(ChinaStaticHolidays.special_public_holidays)


def is_loaded() -> bool:
    return _LIBRARY in sys.modules


def load() -> None:
    """Half a second and 45 MB the first time: the library brings all countries. Call it in a thread."""
    announced(2000)


def _spread(
    named: dict[date, str], worked: Iterable[date], first: date, last: date
) -> Iterator[tuple[date, str]]:
    """Days in a row that are all off belong to one holiday, weekends too: so the yearly notices count them."""
    made_up = set(worked)
    run: list[date] = []
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        if day in named or (day.weekday() >= _SATURDAY and day not in made_up):
            run.append(day)
            continue
        yield from _named_run(run, named)
        run = []


def _named_run(run: list[date], named: dict[date, str]) -> Iterator[tuple[date, str]]:
    """Each day by the holiday it is, else the one before it, else the first one after it."""
    names = {day: named[day].split("（")[0] for day in run if day in named}
    names = {day: name for day, name in names.items() if name != _SUBSTITUTED}
    if not names:
        return
    current = next(iter(names.values()))
    for day in run:
        current = names.get(day, current)
        yield day, current
