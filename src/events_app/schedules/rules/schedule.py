"""The public schedule: sessions into days and weeks, with the words a reader sees."""

from calendar import Calendar
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from events_app.lib.clock import local, short_day_text, weekday
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import CONFIDENTIAL, kind_name
from events_app.programmes.rules.sessions import Phase, phase, phase_name
from events_app.programmes.tables import Kind

# Agendas and the API's lists: two hundred lines are read on one page rather than clicked through.
SESSIONS_A_PAGE = 200
PUBLIC_KINDS = [kind for kind in Kind if kind not in CONFIDENTIAL]

# Which of the badge's colours a phase has.
STATES = {
    Phase.CALLED_OFF: "called_off",
    Phase.POSTPONED: "postponed",
    Phase.NOT_YET: "soon",
    Phase.OPEN: "open",
    Phase.WAITING: "full",
    Phase.FULL: "full",
    Phase.CLOSED: "closed",
    Phase.OVER: "closed",
}

_MOST_WORDS = 6

Query = tuple[tuple[str, str], ...]
# Templates read dicts several times faster than attributes of Structs.
Line = dict[str, Any]
Day = dict[str, Any]


class Listed(msgspec.Struct, frozen=True):
    """A session as a schedule shows it. `title` may be empty.

    `host` is the school or company it comes to, else the organization that owns the activity.
    """

    code: str
    title: str
    activity_code: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    called_off_reason: str
    capacity: int
    taken: int
    waiting_list: bool
    venue: str
    host_code: str
    host: str


class Wanted(msgspec.Struct, frozen=True):
    """What a schedule is narrowed to; empty means everything. `region` is the significant part of a GB/T 2260 code.

    `month` is the first day of the month to show as a table, None for an agenda; `day` is the only day of an agenda,
    None for all that is coming.
    """

    kind: str = ""
    region: str = ""
    organization: str = ""
    words: str = ""
    month: date | None = None
    day: date | None = None

    @property
    def each_word(self) -> list[str]:
        return self.words.lower().split()[:_MOST_WORDS]

    @property
    def query(self) -> Query:
        """The filters as they stand in an address."""
        pairs = (
            ("kind", self.kind),
            ("region", self.region),
            ("organization", self.organization),
            ("words", self.words),
        )
        return tuple((name, value) for name, value in pairs if value)


class OnDay(msgspec.Struct, frozen=True):
    """One of the sessions that a month's cell shows, and how many `total` there are on its day.

    `goes_on`: it began on a day before.
    """

    day: date
    total: int
    code: str
    title: str
    activity_title: str
    starts_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    goes_on: bool


def days(sessions: Iterable[Listed], now: datetime, *, first: date = date.min) -> list[Day]:
    """The days on which `sessions`, given in order, begin; what began before `first` is shown on `first`."""
    words = _Words()
    grouped: dict[date, list[Line]] = {}
    for session in sessions:
        starts = local(session.starts_at)
        line = _line(session, starts, now, words)
        if starts.date() < first:
            line["hours"] = line["time"] = words.goes_on
        grouped.setdefault(max(starts.date(), first), []).append(line)
    today = local(now).date()
    return [day_heading(day, lines, today) for day, lines in grouped.items()]


def weeks(month: date, shown: Iterable[OnDay], today: date) -> list[list[Day]]:
    """The month as weeks from Monday to Sunday, for `_ui/month.html`."""
    words = {"goes_on": _("持续"), "called_off": _("已取消"), "postponed": _("已延期"), "": ""}
    totals: dict[date, int] = {}
    lines: dict[date, list[Line]] = {}
    for each in shown:
        totals[each.day] = each.total
        lines.setdefault(each.day, []).append(_month_line(each, words))
    return month_cells(month, lines, totals, today)


def month_cells(
    month: date, lines: dict[date, list[Line]], totals: dict[date, int], today: date
) -> list[list[Day]]:
    """A table's rows from the lines that its days show and the numbers of all there are."""
    return [
        [_cell(day, lines.get(day, []), totals.get(day, 0), month, today) for day in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def day_heading(day: date, lines: list[Line], today: date) -> Day:
    """A day of an agenda."""
    year = "" if day.year == today.year else _("%(year)s年", year=day.year)
    relative = {0: _("今天"), 1: _("明天")}.get((day - today).days, "")
    return {
        "iso": day.isoformat(),
        "date": short_day_text(day),
        "weekday": f"{year} {weekday(day)}".strip(),
        "relative": relative,
        "sessions": lines,
    }


def hour_text(moment: datetime) -> str:
    """`moment` is in Shanghai's time already; strftime is three times slower."""
    return f"{moment.hour:02}:{moment.minute:02}"


def headline(activity: str, session: str) -> str:
    """What a session is called where nothing around it says of which activity it is."""
    if not session or activity in session:
        return session or activity
    return _("%(activity)s：%(session)s", activity=activity, session=session)


def agenda_address(path: str, query: Query = ()) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def month_address(path: str, month: date, query: Query = ()) -> str:
    return f"{path}?{urlencode([*query, ('view', 'month'), ('month', f'{month:%Y-%m}')])}"


def day_address(path: str, day: date, query: Query = ()) -> str:
    """The agenda of one day."""
    return f"{path}?{urlencode([*query, ('date', day.isoformat())])}"


def weekdays() -> list[str]:
    """Monday first."""
    return [weekday(date(2024, 1, number)) for number in range(1, 8)]


def kind_options() -> list[tuple[str, str]]:
    return [("", _("全部类型")), *((kind.value, kind_name(kind)) for kind in PUBLIC_KINDS)]


class _Words:
    """What every line says, looked up once a page."""

    def __init__(self) -> None:
        self.kinds = {kind: kind_name(kind) for kind in Kind}
        self.phases = {each: phase_name(each) for each in Phase}
        self.opens = _("%(day)s开放报名")
        self.left = _("还剩%(n)s个名额")
        self.full = _("名额已满")
        self.of = _("共%(n)s个")
        self.goes_on = _("持续")
        self.until = _("至%(day)s%(time)s")


def _line(session: Listed, starts: datetime, now: datetime, words: _Words) -> Line:
    ends = local(session.ends_at)
    when = phase(session, now)
    several_days = starts.date() != ends.date()
    text = words.phases[when]
    if when is Phase.NOT_YET:
        text = words.opens % {"day": short_day_text(local(session.opens_at).date())}
    return {
        "href": f"/s/{session.code}",
        "code": session.code,
        "activity": session.activity_code,
        "title": session.title or session.activity_title,
        "headline": headline(session.activity_title, session.title),
        "time": hour_text(starts),
        "hours": hour_text(starts) if several_days else f"{hour_text(starts)}–{hour_text(ends)}",
        "until": words.until % {"day": short_day_text(ends.date()), "time": hour_text(ends)}
        if several_days
        else "",
        "state": STATES[when],
        "text": text,
        "kind": words.kinds[session.kind],
        "venue": session.venue,
        "host": session.host,
        "host_code": session.host_code,
        "reason": session.called_off_reason if when is Phase.CALLED_OFF else "",
        "places": _places(session, words) if when in (Phase.OPEN, Phase.NOT_YET) else None,
    }


def _places(session: Listed, words: _Words) -> dict[str, Any]:
    """How full it is, as `_ui/status.html` draws it."""
    left = max(session.capacity - session.taken, 0)
    return {
        "level": "full" if not left else "few" if left * 10 <= session.capacity else "free",
        "percent": min(session.taken * 100 // session.capacity, 100),
        "left": words.left % {"n": left} if left else words.full,
        "of": words.of % {"n": session.capacity},
    }


def _month_line(session: OnDay, words: dict[str, str]) -> Line:
    state = "called_off" if session.called_off_at else "postponed" if session.postponed_at else ""
    return {
        "href": f"/s/{session.code}",
        "time": words["goes_on"] if session.goes_on else hour_text(local(session.starts_at)),
        "title": session.title or session.activity_title,
        "state": state,
        "mark": words[state],
    }


def _cell(day: date, lines: list[Line], total: int, month: date, today: date) -> Day:
    return {
        "day": day.day,
        "iso": day.isoformat(),
        "out": (day.year, day.month) != (month.year, month.month),
        "today": day == today,
        "total": total,
        "more": total - len(lines),
        "sessions": lines,
    }
