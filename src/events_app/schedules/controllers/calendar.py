"""An organiser's calendar: month, week, agenda, and rows of venues, guests, and host schools or companies."""

from typing import Any

from litestar import Controller, Request, Response, get

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.lib import clock
from events_app.schedules.forms import read_asked
from events_app.schedules.queries import calendar as queries
from events_app.schedules.rules import calendar as rules
from events_app.schedules.rules import timetable
from events_app.schedules.rules.calendar import Asked, View
from events_app.schedules.rules.schedule import weekdays
from events_app.schedules.rules.timetable import RowKind
from events_app.web.pages import page
from events_app.web.paging import Paging, page_number

_MOST_CHOICES = 60
_LINES_A_PAGE = 100
_ROWS_A_PAGE = 50
_MOST_ON_A_DAY = 3
_MOST_IN_A_COLUMN = 40
_ROWS = {View.VENUES: RowKind.VENUE, View.GUESTS: RowKind.GUEST, View.SITES: RowKind.SITE}


class CalendarController(Controller):
    """Sessions of organizations that `me` organises for; others are not there."""

    path = "/manage/calendar"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        asked = read_asked(request.query_params)
        mine = request.user.organizations(ORGANIZING)
        options = rules.choices(await queries.list_choices(asked, mine, _MOST_CHOICES))
        asked = rules.without_foreign(asked, options)
        return page(
            request,
            f"schedules/calendar_{_TEMPLATES.get(asked.view, asked.view)}.html",
            asked=asked,
            values=dict(asked.filters),
            options=options,
            period=rules.period(asked),
            views=rules.views(asked),
            ways=rules.ways(asked, clock.today()),
            cleared=rules.cleared(asked),
            **await _SHOW.get(asked.view, _grid)(request, asked, mine),
        )


async def _agenda(request: Request, asked: Asked, mine: list[int]) -> dict[str, Any]:
    number = page_number(request)
    offset = (number - 1) * _LINES_A_PAGE
    found = await queries.list_agenda(asked, mine, _LINES_A_PAGE, offset)
    total = found[0].total if found else 0
    return {
        "days": timetable.agenda(found, clock.now(), asked.day),
        "total": total,
        "paging": _paging(asked, number, _LINES_A_PAGE, total),
    }


async def _month(_request: Request, asked: Asked, mine: list[int]) -> dict[str, Any]:
    found = await queries.list_placed(asked, mine, RowKind.ALL, [], _MOST_ON_A_DAY)
    return {
        "weekdays": weekdays(),
        "weeks": timetable.month(found, asked.bounds[0], clock.now()),
        "day_path": rules.day_path(asked),
        "empty": not found,
    }


async def _week(_request: Request, asked: Asked, mine: list[int]) -> dict[str, Any]:
    found = await queries.list_placed(asked, mine, RowKind.ALL, [], _MOST_IN_A_COLUMN)
    week = timetable.week(found, asked.bounds[0], clock.now())
    return {"week": week, "day_path": rules.day_path(asked), "empty": not found}


async def _grid(request: Request, asked: Asked, mine: list[int]) -> dict[str, Any]:
    kind, number, monday = _ROWS[asked.view], page_number(request), asked.bounds[0]
    chosen = getattr(asked, kind.value)
    rows = await queries.list_rows(kind, mine, chosen, monday, _ROWS_A_PAGE, (number - 1) * _ROWS_A_PAGE)
    found = await queries.list_placed(asked, mine, kind, [row.code for row in rows], _MOST_ON_A_DAY)
    now, total = clock.now(), rows[0].total if rows else 0
    return {
        "kind": kind.value,
        "heads": timetable.week_heads(monday, now),
        "rows": timetable.grid(rows, found, monday, kind, now, asked.activity),
        "day_path": rules.day_path(asked),
        "paging": _paging(asked, number, _ROWS_A_PAGE, total),
    }


def _paging(asked: Asked, number: int, size: int, total: int) -> Paging:
    kept = (("view", asked.view.value), ("date", asked.day.isoformat()), *asked.filters)
    return Paging(rules.ADDRESS, number, size, total, kept)


_SHOW = {View.AGENDA: _agenda, View.MONTH: _month, View.WEEK: _week}
_TEMPLATES = dict.fromkeys(_ROWS, "grid")
