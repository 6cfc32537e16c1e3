"""Rows of a table of sessions to be: which column is which, and what a row says."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar

import msgspec

from events_app.lib import clock, text
from events_app.lib.language import gettext as _
from events_app.programmes.rules.sessions import LONGEST
from events_app.programmes.rules.typed import (
    plain,
    read_day,
    read_end,
    read_time,
    read_times,
    read_whole,
    split_day,
)

T = TypeVar("T")

# As typed, "" for nothing. Besides FIELDS a batch keeps in each row `line`, its number, and `accepted`, what stands
# for the warnings that somebody has ticked; where a rule made the rows, `note` says what it moved.
Row: TypeAlias = dict[str, str]
FIELDS = ("site", "venue", "address", "day", "starts", "ends", "capacity", "title", "guests", "in_charge")

_MOST_PLACES = 1_000_000
_MOST_GUESTS = 50


class Defaults(msgspec.Struct, frozen=True):
    """What a row leaves open: `venue`, `address`, `capacity`, `starts` and `ends` as typed, "" for nothing.

    `remarks` are sentences to show above the rows, such as the days that a rule left out.
    """

    opens_at: datetime
    closes_at_start: bool = True
    waiting_list: bool = True
    check_in_lead: int = 60
    venue: str = ""
    address: str = ""
    capacity: str = ""
    starts: str = ""
    ends: str = ""
    remarks: list[str] = []


class Plan(msgspec.Struct, frozen=True):
    """What a row says once it is understood. Places, people and schools are names still; guests: name, honour, unit."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    capacity: int
    venue: str
    address: str
    site: str
    in_charge: str
    title: str
    guests: tuple[tuple[str, str, str], ...]


def read_row(row: Mapping[str, str], defaults: Defaults, today: date) -> tuple[Plan | None, dict[str, str]]:
    """What the row says, or what is wrong with it by field."""
    cells = {field: row.get(field, "").strip() for field in FIELDS}
    if not cells["venue"]:  # the usual address is that of the usual venue
        cells |= {"venue": defaults.venue, "address": cells["address"] or defaults.address}
    cells["capacity"] = cells["capacity"] or defaults.capacity
    reader = _Reader()
    said = _read(reader, cells, defaults, today)
    times = said["starts_at"], said["ends_at"]
    if not reader.errors:
        reader.errors |= _time_errors(*times, defaults)
    if reader.errors:
        return None, reader.errors
    closes_at = times[0] if defaults.closes_at_start else times[1]
    return Plan(**said, opens_at=defaults.opens_at, closes_at=closes_at), {}


class _Reader:
    """Collects what is wrong while the rest is read on."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def read(self, field: str, how: Callable[[], T], otherwise: Any = None) -> T:
        try:
            return how()
        except ValueError as error:
            self.errors.setdefault(field, str(error))
            return otherwise  # type: ignore[no-any-return]


def _read(reader: _Reader, cells: dict[str, str], defaults: Defaults, today: date) -> dict[str, Any]:
    for field, most in (("site", 100), ("venue", 100), ("address", 200), ("title", 120), ("in_charge", 50)):
        cells[field] = reader.read(field, partial(text.one_line, cells[field], most), "")
    if not cells["venue"] and not reader.errors:
        cells["venue"] = cells["site"]
    if not cells["venue"] and "venue" not in reader.errors:
        reader.errors["venue"] = _("请写场地。")
    starts_at, ends_at = _read_times(reader, cells, defaults, today)
    return {
        **{field: cells[field] for field in ("site", "venue", "address", "title", "in_charge")},
        "starts_at": starts_at,
        "ends_at": ends_at,
        "capacity": reader.read("capacity", lambda: _capacity(cells["capacity"])),
        "guests": reader.read("guests", lambda: read_guests(cells["guests"]), ()),
    }


def _read_times(
    reader: _Reader, cells: dict[str, str], defaults: Defaults, today: date
) -> tuple[datetime | None, datetime | None]:
    """A day may bring its hours along, and the start its day: 2026-12-05 9:00-11:00."""
    day, starts = _read_day(reader, cells, today)
    begins, until = reader.read("starts", lambda: _times(starts or defaults.starts), (0, None))
    ends = cells["ends"] or ("" if until is not None else defaults.ends)
    last_day, ends = reader.read("ends", lambda: split_day(ends, today), (None, ""))
    if "starts" not in reader.errors and (ends or until is None):
        until = reader.read("ends", lambda: _end(starts or defaults.starts, ends, last_day))
    if until is None or reader.errors.keys() & {"starts", "ends"}:
        return None, None
    if last_day is None and until <= begins:
        reader.errors["ends"] = _ends_first()
    if day is None or reader.errors.keys() & {"day", "ends"}:
        return None, None
    return _moment(day, begins), _moment(last_day or day, until)


def _read_day(reader: _Reader, cells: dict[str, str], today: date) -> tuple[date | None, str]:
    """The day, and what is written of the hours."""
    if cells["day"] and cells["starts"]:
        given = reader.read("day", lambda: read_day(cells["day"], today))
        return given, _without_day(cells["starts"], given, today)
    field = "day" if cells["day"] or not cells["starts"] else "starts"
    day, rest = reader.read(field, lambda: split_day(cells[field], today), (None, ""))
    if day is None and field not in reader.errors:
        reader.read(
            "day", lambda: read_day(cells["day"], today) if cells["day"] else _missing(_("请写日期。"))
        )
    return day, rest


def _without_day(starts: str, day: date | None, today: date) -> str:
    """Some tables repeat the day beside the hour; another day there is left standing, and so found wrong."""
    if not re.match(r"\d{4}[-/.年]", plain(starts)):
        return starts
    try:
        repeated, rest = split_day(starts, today)
    except ValueError:
        return starts
    return rest if repeated == day else starts


def read_guests(written: str) -> tuple[tuple[str, str, str], ...]:
    """One a line, or parted by semicolons: name, honour, unit, parted by commas. Names alone may be parted by 、."""
    parts = [part.strip() for part in re.split(r"[\n;；]", written) if part.strip()]
    if len(parts) == 1 and not re.search("[,，]", parts[0]):
        parts = re.split(r"[、/]", parts[0])
    if len(parts) > _MOST_GUESTS:
        raise ValueError(
            _("一场最多%(most)s位嘉宾，现在有%(count)s位。", most=_MOST_GUESTS, count=len(parts))
        )
    guests = []
    for part in parts:
        name, honour, unit = [*(p.strip() for p in re.split("[,，]", part, maxsplit=2)), "", ""][:3]
        if name:
            guests.append((text.person_name(name, 60), text.one_line(honour, 120), text.one_line(unit, 100)))
    return tuple(dict.fromkeys(guests))


def _time_errors(starts_at: datetime, ends_at: datetime, defaults: Defaults) -> dict[str, str]:
    if ends_at <= starts_at:
        return {"ends": _ends_first()}
    if ends_at - starts_at > LONGEST:
        return {"ends": _("一个场次最长31天；更长的活动请分成几个场次。")}
    if (starts_at if defaults.closes_at_start else ends_at) <= defaults.opens_at:
        opens = clock.moment_text(defaults.opens_at)
        return {
            "day": _("报名从%(opens)s开始，这一场那时已经截止。请改日期，或改早报名开始时间。", opens=opens)
        }
    return {}


def _ends_first() -> str:
    return _("结束时间应晚于开始时间；第二天才结束的，请写上日期，如2026-12-06 01:00。")


def _times(written: str) -> tuple[int, int | None]:
    return read_times(written) if written else _missing(_("请写开始时间。"))


def _end(starts: str, written: str, last_day: date | None) -> int:
    if not written:
        return int(_missing(_("请写结束时间。")))
    return read_time(written) if last_day else read_end(starts, written)


def _missing(sentence: str) -> Any:
    raise ValueError(sentence)


def _capacity(written: str) -> int:
    return read_whole(written, 1, _MOST_PLACES) if written else _missing(_("请写名额。"))


def _moment(day: date, minutes: int) -> datetime:
    return clock.midnight(day) + timedelta(minutes=minutes)
