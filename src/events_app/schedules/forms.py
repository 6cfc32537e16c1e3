"""What people put into a schedule's address. Nothing there is an error: what cannot be meant is left out."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from events_app.lib import clock, text
from events_app.programmes.tables import Kind
from events_app.schedules.rules.calendar import CHOICES, Asked, Shown, View
from events_app.schedules.rules.schedule import PUBLIC_KINDS, Wanted

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}", re.ASCII)
_CODE = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)

E = TypeVar("E", bound=StrEnum)


def read_wanted(query: Mapping[str, str]) -> Wanted:
    return Wanted(
        kind=_kind(query.get("kind", "")),
        region=_region(query.get("region", "")),
        organization=query.get("organization", "") if is_code(query.get("organization", "")) else "",
        words=_words(query.get("words", "")),
        month=_month(query.get("month", "")) if query.get("view") == "month" else None,
        day=read_day(query.get("date", "")),
    )


def read_asked(query: Mapping[str, str]) -> Asked:
    """What an organiser's calendar is asked for. Whether its codes are one's own is not known yet."""
    codes = {name: query.get(name, "") for name in CHOICES}
    return Asked(
        view=_member(View, query.get("view", "")) or View.MONTH,
        day=read_day(query.get("date", "")) or clock.today(),
        words=_words(query.get("words", "")),
        kind=_member(Kind, query.get("kind", "")) or "",
        state=_member(Shown, query.get("state", "")) or "",
        **{name: code if is_code(code) else "" for name, code in codes.items()},
    )


def is_code(given: str) -> bool:
    """Whether this can be a code of ours at all; PostgreSQL refuses some of what an address can hold."""
    return bool(_CODE.fullmatch(given))


def read_day(given: str) -> date | None:
    """None for what is no day of this century."""
    try:
        return date.fromisoformat(given) if _DAY.fullmatch(given) else None
    except ValueError:
        return None


def _member(kind: type[E], given: str) -> E | None:
    return kind(given) if given in kind.__members__.values() else None


def _kind(given: str) -> str:
    return given if given in PUBLIC_KINDS else ""


def _region(given: str) -> str:
    """530000 is the province, 530100 the city: trailing pairs of zeros say nothing."""
    return re.sub("(00){1,2}$", "", given) if _REGION.fullmatch(given) else ""


def _words(given: str) -> str:
    try:
        return text.one_line(given, 60)
    except ValueError:
        return ""


def _month(given: str) -> date:
    found = _MONTH.fullmatch(given)
    return date(int(found[1]), int(found[2]), 1) if found else clock.today().replace(day=1)
