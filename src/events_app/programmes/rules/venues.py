"""A venue's coordinates and opening hours as people write them."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import time
from itertools import pairwise

from events_app.lib.language import gettext as _

Span = tuple[time, time]
Place = tuple[float, float]

# The mainland with its islands: what lies outside was typed wrong.
_LATITUDES = (3.0, 54.0)
_LONGITUDES = (73.0, 136.0)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# A dash, or one of the characters 至 and 到.
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~\u81f3\u5230]\s*(\d{1,2}):(\d{2})")
_MOST_SPANS = 6


def read_place(latitude: str, longitude: str) -> Place | None:
    """Degrees north and east (WGS 84) out of two fields, or both out of one; None for nothing.

    Raises ValueError with a whole sentence.
    """
    text = unicodedata.normalize("NFKC", f"{latitude} {longitude}")
    if not text.strip():
        return None
    numbers = [float(number) for number in _NUMBER.findall(text) if len(number) < 30]
    if len(numbers) != 2:
        raise ValueError(_("请写纬度和经度两个数，如“24.95, 102.44”；或者都留空。"))
    north, east = numbers
    if _within(east, _LATITUDES) and _within(north, _LONGITUDES):
        raise ValueError(_("纬度和经度好像写反了：先写纬度，再写经度，如“24.95, 102.44”。"))
    if not (_within(north, _LATITUDES) and _within(east, _LONGITUDES)):
        raise ValueError(_("纬度应在3到54之间，经度应在73到136之间，如“24.95, 102.44”。"))
    return north, east


def read_spans(text: str) -> list[Span]:
    """“09:00-12:00，14:00-17:30” in order; [] for nothing. Raises ValueError with a whole sentence."""
    plain = unicodedata.normalize("NFKC", text).replace("、", ",").replace(";", ",")
    parts = [part.strip() for part in plain.split(",") if part.strip()]
    if len(parts) > _MOST_SPANS:
        raise ValueError(_("一天最多写%(most)s段时间。", most=_MOST_SPANS))
    spans = sorted(_span(part) for part in parts)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError(_("同一天的几段时间不能重叠。"))
    return spans


def spans_text(spans: Sequence[Span]) -> str:
    """As `read_spans` takes it."""
    return "，".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)


def _within(number: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= number <= bounds[1]


def _span(text: str) -> Span:
    wrong = ValueError(_("请这样写：09:00-12:00，14:00-17:30；不开放的日子留空。"))
    if not (found := _SPAN.fullmatch(text)):
        raise wrong
    try:
        opens, closes = _time(found[1], found[2]), _time(found[3], found[4])
    except ValueError:
        raise wrong from None
    if opens >= closes:
        raise ValueError(_("关门时间应晚于开门时间；开到半夜的，写到24:00。"))
    return opens, closes


def _time(hour: str, minute: str) -> time:
    """24:00 is the last minute of the day."""
    return time(23, 59) if (hour, minute) == ("24", "00") else time(int(hour), int(minute))
