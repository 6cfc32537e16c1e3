"""The organiser's statistics, and their downloads."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.accounts.actions import audit
from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.lib import clock, sheets
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.lib.sheets import Column, Value
from events_app.lib.sheets import Kind as Cell
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.programmes.rules.activities import kind_name
from events_app.programmes.tables import Kind
from events_app.registration.actions.answers import session_columns
from events_app.registration.queries import AttendeeRow, list_attendees_after
from events_app.registration.queries.answers import list_file_names, list_seat_answers
from events_app.registration.rules.answer_columns import AnswerColumns
from events_app.registration.rules.seats import evidence_name, state_name
from events_app.statistics import queries
from events_app.statistics.forms import Filter, read_filter
from events_app.statistics.queries import Choice, Measures, MonthRow, Report, UnitRow
from events_app.statistics.rules import (
    MONTHS_IN_CHART,
    chart_sentence,
    concealed,
    definitions,
    percent,
    stage_name,
    ticks,
    visible_rate,
)
from events_app.web.forms import BadForm
from events_app.web.pages import download, page

_ROWS_ON_PAGE = 50
_ROWS_IN_SHEET = 100_000
_CHUNK = 1000


class StatisticsController(Controller):
    """What was done, counted for the organizations one organises for."""

    path = "/manage"
    include_in_schema = False

    @get("/statistics", guards=[organizer])
    async def index(self, request: Request) -> Response:
        organizations = request.user.organizations(ORGANIZING)
        try:
            wanted, choices = await _asked_for(request, organizations)
        except BadForm as bad:
            choices = await queries.list_choices(organizations, "")
            return _page(request, choices, bad.values, bad.errors)
        report = await queries.read_report(wanted.scope(organizations), _ROWS_ON_PAGE)
        return _page(request, choices, wanted.values(), {}, report)

    @get("/statistics.xlsx", guards=[organizer])
    async def workbook(self, request: Request) -> Response[bytes]:
        organizations = request.user.organizations(ORGANIZING)
        wanted, _choices = await _asked_for(request, organizations)
        report = await queries.read_report(wanted.scope(organizations), _ROWS_IN_SHEET)
        body = await asyncio.to_thread(_statistics_workbook, report, wanted)
        name = sheets.file_name(_("活动统计"), str(wanted.first or ""), str(wanted.last or clock.today()))
        return download(body, name, sheets.MEDIA_TYPE)

    @get("/sessions/{code:str}/attendees.xlsx", guards=[organizer])
    async def attendees(self, request: Request, code: FromPath[str]) -> Response[bytes]:
        session = await find_own_session(code, request.user.organizations(ORGANIZING))
        if session is None:
            raise NotFound
        await audit(request.user, "attendees.export", code, organization=session.organization)
        body = await _attendees_workbook(session)
        day = str(clock.local(session.starts_at).date())
        name = sheets.file_name(session.activity_title, session.title, day, _("签到名单"))
        return download(body, name, sheets.MEDIA_TYPE)


async def _asked_for(request: Request, organizations: list[int]) -> tuple[Filter, list[Choice]]:
    """The filter, and the activities to choose from; raises BadForm, for an activity of others too."""
    wanted = read_filter(request.query_params)
    choices = await queries.list_choices(organizations, wanted.activity)
    if wanted.activity and wanted.activity not in {choice.code for choice in choices}:
        raise BadForm(dict(wanted.values()), {"activity": _("没有这个活动，请从列表中选择一项。")})
    return wanted, choices


def _page(
    request: Request,
    choices: list[Choice],
    values: Mapping[str, str],
    errors: dict[str, str],
    report: Report | None = None,
) -> Response:
    return page(
        request,
        "statistics/index.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activities=[("", _("全部活动"))] + [(c.code, c.title) for c in choices],
        kinds=[("", _("全部类型"))] + [(str(kind), kind_name(kind)) for kind in Kind],
        query=urlencode(values),
        report=report,
        chart=_chart(report.months) if report else None,
        definitions=definitions(),
        figure=_figure,
        guarded=_guarded,
        percent=percent,
        visible_rate=visible_rate,
        stage_name=stage_name,
    )


def _chart(months: Sequence[MonthRow]) -> dict[str, Any]:
    points = [(row.month, row.attended, row.registered) for row in months[-MONTHS_IN_CHART:]]
    most = max((point[2] for point in points), default=0)
    return {"points": points, "ticks": ticks(most), "text": chart_sentence(points)}


def _figure(number: int | str) -> str:
    """19,706."""
    return f"{number:,}" if isinstance(number, int) else number


def _guarded(number: int) -> str:
    return _figure(concealed(number))


async def _attendees_workbook(session: SessionRow) -> bytes:
    """Who is registered, and what they answered to each question, under the words it was asked in."""
    columns = await session_columns(session.id, session.activity)
    files = await list_file_names(session.id) if columns.headings else {}
    with sheets.Book() as book:
        sheet = book.sheet(_("签到名单"), _attendee_columns(columns.headings))
        numbers, last = count(1), 0
        while rows := await list_attendees_after(session.id, last, _CHUNK):
            last = rows[-1].seat
            said = await _answers(session, rows, columns, files)
            await asyncio.to_thread(
                sheet.add, [[*_attendee(next(numbers), row), *said.get(row.seat, ())] for row in rows]
            )
        return await asyncio.to_thread(book.finish)


async def _answers(
    session: SessionRow, rows: list[AttendeeRow], columns: AnswerColumns, files: Mapping[str, str]
) -> dict[int, list[Value]]:
    """The cells of each seat's answers."""
    if not columns.headings:
        return {}
    held = await list_seat_answers(session.id, [row.seat for row in rows])
    return {seat: [*columns.row(said.terms, said.answers, files)] for seat, said in held.items()}


def _attendee_columns(headings: Sequence[str]) -> list[Column]:
    return [
        Column(_("序号"), Cell.WHOLE, 7),
        Column(_("姓名"), Cell.TEXT, 14),
        Column(_("电话"), Cell.TEXT, 15),
        Column(_("单位"), Cell.TEXT, 36),
        Column(_("状态"), Cell.TEXT, 11),
        Column(_("报名时间"), Cell.MOMENT, 17),
        Column(_("签到时间"), Cell.MOMENT, 17),
        Column(_("方式"), Cell.TEXT, 9),
        Column(_("现场登记"), Cell.TEXT, 10),
        *(Column(heading, Cell.TEXT, 24) for heading in headings),
    ]


def _attendee(number: int, row: AttendeeRow) -> list[Value]:
    return [
        number,
        row.name,
        row.phone,
        row.unit,
        state_name(row.state, row.cause),
        row.joined_at,
        row.attended_at,
        evidence_name(row.evidence) if row.evidence else None,
        _("是") if row.walk_in else None,
    ]


def _statistics_workbook(report: Report, wanted: Filter) -> bytes:
    with sheets.Book() as book:
        _write_activities(book, report)
        _write_sessions(book, report)
        _write_units(book, report)
        _write_definitions(book, wanted)
        return book.finish()


def _write_activities(book: sheets.Book, report: Report) -> None:
    columns = [Column(_("活动"), Cell.TEXT, 44), Column(_("类型"), Cell.TEXT, 18), *_measure_columns()]
    sheet = book.sheet(_("按活动"), columns)
    sheet.add([row.title, kind_name(row.kind), *_measures(row)] for row in report.activities)
    sheet.total([_("合计"), None, *_measures(report.total)])


def _write_sessions(book: sheets.Book, report: Report) -> None:
    columns = [
        Column(_("活动"), Cell.TEXT, 44),
        Column(_("场次名称"), Cell.TEXT, 24),
        Column(_("开始"), Cell.MOMENT, 17),
        Column(_("结束"), Cell.MOMENT, 17),
        Column(_("场地"), Cell.TEXT, 28),
        Column(_("状态"), Cell.TEXT, 9),
        *_measure_columns(),
    ]
    sheet = book.sheet(_("按场次"), columns)
    sheet.add(_session(row) for row in report.sessions)
    sheet.total([_("合计"), None, None, None, None, None, *_measures(report.total)])


def _session(row: queries.SessionRow) -> list[Value]:
    return [
        row.activity_title,
        row.title,
        row.starts_at,
        row.ends_at,
        row.venue,
        stage_name(row.stage),
        *_measures(row),
    ]


def _write_units(book: sheets.Book, report: Report) -> None:
    sheet = book.sheet(_("按单位"), [Column(_("单位"), Cell.TEXT, 40), *_measure_columns()])
    sheet.add(_unit(row) for row in report.units)
    sheet.total([_("合计"), *_measures(report.total)])


def _unit(row: UnitRow) -> list[Value]:
    if not row.others:
        return [row.unit or _("未填写单位"), *_measures(row)]
    numbers = [concealed(value) if isinstance(value, int) else value for value in _measures(row)]
    return [_("其他"), *numbers[:-1], visible_rate(row.came, row.due)]


def _write_definitions(book: sheets.Book, wanted: Filter) -> None:
    sheet = book.sheet(_("说明"), [Column(_("名称"), Cell.TEXT, 16), Column(_("含义"), Cell.WRAPPED, 90)])
    sheet.add(definitions())
    sheet.add(_asked(wanted))


def _asked(wanted: Filter) -> list[list[Value]]:
    """What this workbook is about, and when it was made."""
    return [
        [_("时段"), f"{wanted.first or '…'} – {wanted.last or '…'}"],
        [_("活动"), wanted.activity or _("全部活动")],
        [_("类型"), kind_name(wanted.kind) if wanted.kind else _("全部类型")],
        [_("查询"), f"/manage/statistics?{urlencode(wanted.values())}"],
        [_("生成时间"), clock.moment_text(clock.now())],
    ]


def _measure_columns() -> list[Column]:
    titles = [
        _("场次"),
        _("未结束场次"),
        _("已取消场次"),
        _("报名人次"),
        _("候补"),
        _("取消"),
        _("签到人次"),
        _("人数"),
    ]
    return [*(Column(title, Cell.WHOLE, 11) for title in titles), Column(_("到场率"), Cell.SHARE, 9)]


def _measures(row: Measures) -> list[Value]:
    return [
        row.held,
        row.planned,
        row.called_off,
        row.registered,
        row.waiting,
        row.cancelled,
        row.attended,
        row.people,
        row.rate,
    ]
