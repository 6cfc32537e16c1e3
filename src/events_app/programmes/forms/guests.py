"""A guest as organisers send one, and how the register is searched: what cannot be meant there is left out."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from events_app.lib import text
from events_app.lib.clock import ZONE, midnight
from events_app.programmes.rules.guests import tidy_list, weekday_bits
from events_app.web.forms import Reader, day, digits, line, lines, many, name, one_of, optional, phone

_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}", re.ASCII)
_COMMA = re.compile(r"\s*[,，]\s*")
_MOST_WORDS = 6


class Weekday(StrEnum):
    """As a form sends it; Monday first."""

    MONDAY = "0"
    TUESDAY = "1"
    WEDNESDAY = "2"
    THURSDAY = "3"
    FRIDAY = "4"
    SATURDAY = "5"
    SUNDAY = "6"


def parted(most: int) -> Reader:
    """A list in one line, parted by any comma."""
    inner = line(most, required=False)
    return Reader(lambda raw: tidy_list(inner.read(raw)))


def without_commas(instead: str, inner: Reader) -> Reader:
    """In a session's form commas part a guest's name, honour and unit: what is kept must read the same there."""

    def read(raw: Any) -> Any:
        return inner.read(_COMMA.sub(instead, raw).strip(instead) if isinstance(raw, str) else raw)

    return Reader(read)


def weekdays() -> Reader:
    each = many(one_of(Weekday), 7)
    return Reader(lambda raw: weekday_bits(int(value) for value in each.read(raw)), many=True)


class GuestForm(msgspec.Struct):
    """`weekdays` comes as the numbers of days and is kept as bits."""

    name: Annotated[str, without_commas(" ", name(60))]
    honour: Annotated[str, without_commas("、", line(120, required=False))]
    unit: Annotated[str, line(100, required=False)]
    fields: Annotated[str, parted(200)]
    languages: Annotated[str, parted(100)]
    region: Annotated[str, optional(digits(6))]
    phone: Annotated[str, optional(phone())]
    introduction: Annotated[str, lines(5_000)]
    weekdays: Annotated[int, weekdays()]


class AbsenceForm(msgspec.Struct):
    first_day: Annotated[date, day()]
    last_day: Annotated[date, day()]
    reason: Annotated[str, line(100, required=False)]


class Search(msgspec.Struct, frozen=True):
    """What the register is narrowed to; empty means everything. `since` to `until`: who is free then."""

    words: str = ""
    field: str = ""
    region: str = ""
    day: date | None = None
    from_time: str = ""
    to_time: str = ""

    @property
    def each_word(self) -> list[str]:
        return self.words.lower().split()[:_MOST_WORDS]

    @property
    def since(self) -> datetime | None:
        if self.day is None:
            return None
        return datetime.combine(self.day, _time(self.from_time) or time(), tzinfo=ZONE)

    @property
    def until(self) -> datetime | None:
        if self.day is None:
            return None
        ends = _time(self.to_time)
        return (
            datetime.combine(self.day, ends, tzinfo=ZONE) if ends else midnight(self.day + timedelta(days=1))
        )

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """As it stands in an address."""
        pairs = (
            ("words", self.words),
            ("field", self.field),
            ("region", self.region),
            ("day", self.day.isoformat() if self.day else ""),
            ("from_time", self.from_time),
            ("to_time", self.to_time),
        )
        return tuple((key, value) for key, value in pairs if value)


def read_search(query: Mapping[str, str]) -> Search:
    starts, ends = (_hours(query.get(key, "")) for key in ("from_time", "to_time"))
    if starts and ends and ends <= starts:
        ends = ""
    return Search(
        words=_line(query.get("words", ""), 60),
        field=_line(query.get("field", ""), 60),
        region=query.get("region", "") if _REGION.fullmatch(query.get("region", "")) else "",
        day=_day(query.get("day", "")),
        from_time=starts,
        to_time=ends,
    )


def _line(given: str, most: int) -> str:
    try:
        return text.one_line(given, most)
    except ValueError:
        return ""


def _day(given: str) -> date | None:
    return _or_none(day(), given)  # type: ignore[no-any-return]


def _hours(given: str) -> str:
    found = _time(given)
    return f"{found:%H:%M}" if found else ""


def _time(given: str) -> time | None:
    try:
        return datetime.strptime(given, "%H:%M").time()
    except ValueError:
        return None


def _or_none(reader: Reader, given: str) -> Any:
    try:
        return reader.read(given)
    except ValueError:
        return None
