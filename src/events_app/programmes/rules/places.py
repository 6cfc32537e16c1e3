"""Where things happen: which venues are one place, how far apart two are, and when a venue is open."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt

import msgspec

from events_app.lib.clock import ZONE, local, midnight

_DAY = timedelta(days=1)
# IUGG's mean radius of WGS 84's ellipsoid, in km.
_EARTH = 6371.0088
# A venue that closes in the last minute of a day, which is the last time that can be typed, is open until midnight.
_LAST_MINUTE = time(23, 59)


class Place(msgspec.Struct, frozen=True):
    """A venue. A room's `building` is the venue it lies in, any other's is itself; address and WGS 84 degrees fall
    back to the building's."""

    id: int
    building: int
    name: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Opening(msgspec.Struct, frozen=True):
    """A span of Shanghai's time on a day of the week; 0 is Monday."""

    weekday: int
    opens: time
    closes: time


def same_rooms(one: Place, other: Place) -> bool:
    """Whether who has one has the other: a room and its whole building, but not two rooms of one building."""
    return one.id == other.id or one.building == other.id or other.building == one.id


def distance(one: Place, other: Place) -> float | None:
    """Kilometres as the crow flies; nothing inside one building or at one address, None when nobody knows."""
    if one.building == other.building or (one.address and one.address == other.address):
        return 0.0
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    return haversine((one.latitude, one.longitude), (other.latitude, other.longitude))  # type: ignore[arg-type]


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great circle between two points given as latitude and longitude in degrees, in km."""
    (lat1, lon1), (lat2, lon2) = (map(radians, point) for point in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def days_of(starts_at: datetime, ends_at: datetime) -> list[date]:
    """The days in Shanghai on which something takes place: it does not on one that begins when it ends."""
    first, last = local(starts_at).date(), local(ends_at - timedelta.resolution).date()
    return [first + n * _DAY for n in range((last - first).days + 1)]


def first_closed_day(hours: Sequence[Opening], starts_at: datetime, ends_at: datetime) -> date | None:
    """The first day on which a venue of these hours is not open for it; without any hours it always is.

    For up to 24 hours the doors must be open all the while. What takes longer goes home at night: it must begin and
    end while they are open, and they must open on every day between.
    """
    if not hours:
        return None
    through = ends_at - starts_at <= _DAY
    return next(
        (day for day in days_of(starts_at, ends_at) if not _open_on(hours, day, starts_at, ends_at, through)),
        None,
    )


def spans_on(hours: Iterable[Opening], day: date) -> list[tuple[datetime, datetime]]:
    """When it is open on that day, in order; spans that meet or overlap are one."""
    spans: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(_moments(hours, day)):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(closes, spans[-1][1]))
        else:
            spans.append((opens, closes))
    return spans


def _open_on(
    hours: Sequence[Opening], day: date, starts_at: datetime, ends_at: datetime, through: bool
) -> bool:
    spans = spans_on(hours, day)
    begins, finishes = max(starts_at, midnight(day)), min(ends_at, midnight(day + _DAY))
    if through:
        return any(opens <= begins and finishes <= closes for opens, closes in spans)
    begun = begins != starts_at or any(opens <= begins < closes for opens, closes in spans)
    finished = finishes != ends_at or any(opens < finishes <= closes for opens, closes in spans)
    return bool(spans) and begun and finished


def _moments(hours: Iterable[Opening], day: date) -> Iterator[tuple[datetime, datetime]]:
    for span in hours:
        if span.weekday == day.weekday():
            until_midnight = span.closes >= _LAST_MINUTE
            closes = (
                midnight(day + _DAY) if until_midnight else datetime.combine(day, span.closes, tzinfo=ZONE)
            )
            yield datetime.combine(day, span.opens, tzinfo=ZONE), closes
