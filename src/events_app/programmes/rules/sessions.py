"""Decisions about a session, from what is already known."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from events_app.lib.clock import local
from events_app.lib.language import gettext as _

# No session is longer: whoever looks for those that may still be running looks back so far.
LONGEST = timedelta(days=31)


class Phase(StrEnum):
    """What a visitor can do about a session now."""

    CALLED_OFF = "called_off"
    POSTPONED = "postponed"
    NOT_YET = "not_yet"
    OPEN = "open"
    WAITING = "waiting"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"


class Timed(Protocol):
    """What a phase is decided from."""

    @property
    def ends_at(self) -> datetime: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def called_off_at(self) -> datetime | None: ...
    @property
    def capacity(self) -> int: ...
    @property
    def taken(self) -> int: ...
    @property
    def waiting_list(self) -> bool: ...


def phase(session: Timed, now: datetime) -> Phase:
    if session.called_off_at:
        return Phase.CALLED_OFF
    if session.postponed_at:
        return Phase.POSTPONED
    if now >= session.ends_at:
        return Phase.OVER
    if now < session.opens_at:
        return Phase.NOT_YET
    if now >= session.closes_at:
        return Phase.CLOSED
    if session.taken < session.capacity:
        return Phase.OPEN
    return Phase.WAITING if session.waiting_list else Phase.FULL


def phase_name(value: str) -> str:
    names = {
        Phase.CALLED_OFF: _("已取消"),
        Phase.POSTPONED: _("已延期"),
        Phase.NOT_YET: _("未开放"),
        Phase.OPEN: _("报名中"),
        Phase.WAITING: _("可候补"),
        Phase.FULL: _("已满"),
        Phase.CLOSED: _("报名截止"),
        Phase.OVER: _("已结束"),
    }
    return names[Phase(value)]


def phase_sentence(value: str) -> str:
    """Why nobody can register now, and what to do instead."""
    sentences = {
        Phase.CALLED_OFF: _("本场已取消，不能报名。请看看其他场次。"),
        Phase.POSTPONED: _("本场延期举行，新的时间确定以前不能报名。请过几天再来看。"),
        Phase.NOT_YET: _("报名还没有开始，请在开放时间之后再来。"),
        Phase.FULL: _("本场名额已满，也没有候补名单。请选择其他场次。"),
        Phase.CLOSED: _("报名已经截止。需要参加时，请联系主办单位。"),
        Phase.OVER: _("本场已经结束。请看看其他场次。"),
    }
    return sentences[Phase(value)]


def session_errors(
    starts_at: datetime, ends_at: datetime, opens_at: datetime, closes_at: datetime
) -> dict[str, str]:
    """What is wrong with a session's times, by field."""
    errors = {}
    if ends_at <= starts_at:
        errors["ends_at"] = _("结束时间应晚于开始时间。")
    elif ends_at - starts_at > LONGEST:
        errors["ends_at"] = _("一个场次最长31天；更长的活动请分成几个场次。")
    if closes_at <= opens_at:
        errors["closes_at"] = _("报名截止时间应晚于开放时间。")
    elif closes_at > ends_at:
        errors["closes_at"] = _("报名截止时间不能晚于场次结束时间。")
    return errors


def default_session_times(now: datetime) -> dict[str, datetime]:
    """What a first session's form begins with: a week from now, 09:00 to 11:00 in Shanghai, open from this hour on."""
    starts_at = local(now + timedelta(days=7)).replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "opens_at": local(now).replace(minute=0, second=0, microsecond=0),
    }


def a_week_later(starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, datetime]:
    """What a further session's form begins with: the same hours on the same weekday, the first one still to come."""
    weeks = timedelta(weeks=max(1, (now - starts_at) // timedelta(weeks=1) + 1))
    return {"starts_at": starts_at + weeks, "ends_at": ends_at + weeks}


def on_day(starts_at: datetime, ends_at: datetime, day: date) -> dict[str, datetime]:
    """The same hours in Shanghai, beginning on that day."""
    days = day - local(starts_at).date()
    return {"starts_at": starts_at + days, "ends_at": ends_at + days}


def check_in_window(starts_at: datetime, ends_at: datetime, lead_minutes: int) -> tuple[datetime, datetime]:
    """From `lead_minutes` before the start until the end."""
    return starts_at - timedelta(minutes=lead_minutes), ends_at


def calendar_uid(session_code: str, base_url: str) -> str:
    """The same in every feed and file for ever, so that calendars update an entry and never double it."""
    return f"{session_code}@{urlsplit(base_url).hostname}"
