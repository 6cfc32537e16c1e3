"""An activity's people with the hours they have been there, and giving certificates to them."""

import asyncio

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.actions import audit
from events_app.accounts.guards import organizer
from events_app.checkin.actions import certificates
from events_app.checkin.actions.hours import Hours, HoursLine, count_outgrown, list_lines, own_hours
from events_app.checkin.forms.certificates import Who, read_who
from events_app.checkin.queries.hours import count_people, list_without
from events_app.checkin.rules.certificates import is_outgrown
from events_app.checkin.rules.hours import credit_name
from events_app.lib import clock, sheets
from events_app.lib.language import gettext as _
from events_app.lib.sheets import Column, Value
from events_app.lib.sheets import Kind as Cell
from events_app.programmes.rules.worth import worth_sentences
from events_app.web.pages import download, page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 50
_ALL = 100_000


class HoursController(Controller):
    """Rows of other organizations' activities are not found."""

    path = "/manage/activities/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/hours")
    async def index(
        self, request: Request, code: FromPath[str], words: FromQuery[str] = "", who: FromQuery[str] = ""
    ) -> Response:
        hours = await own_hours(request.user, code)
        words, wanted = words.strip()[:50], read_who(who)
        without = await list_without(hours.activity.id, hours.qualified)
        only = {Who.ALL: None, Who.QUALIFIED: hours.qualified, Who.WITHOUT: without}[wanted]
        query = tuple((name, value) for name, value in (("words", words), ("who", wanted.value)) if value)
        total = await count_people(hours.activity.id, words, only)
        paging = Paging(f"/manage/activities/{code}/hours", page_number(request), _PAGE, total, query)
        return page(
            request,
            "checkin/hours.html",
            activity=hours.activity,
            worth=hours.worth,
            sentences=worth_sentences(hours.worth),
            headings=hours.headings,
            too_short=[h for h in hours.headings if h.minutes < (hours.worth.minimum_minutes or 0)],
            lines=await list_lines(hours, words, only, _PAGE, paging.offset),
            paging=paging,
            words=words,
            who=wanted.value,
            people=len(hours.records),
            qualified=len(hours.qualified),
            without=len(without),
            outgrown=await count_outgrown(hours),
            issued=_told(request, "issued"),
            renewed=_told(request, "renewed"),
            is_outgrown=is_outgrown,
        )

    @get("/hours.xlsx")
    async def workbook(self, request: Request, code: FromPath[str]) -> Response[bytes]:
        hours = await own_hours(request.user, code)
        await audit(request.user, "hours.export", code, organization=hours.activity.organization)
        lines = await list_lines(hours, "", None, _ALL, 0)
        body = await asyncio.to_thread(_workbook, hours, lines)
        name = sheets.file_name(hours.activity.title, _("到场与学时"), str(clock.today()))
        return download(body, name, sheets.MEDIA_TYPE)

    @post("/certificates")
    async def create(self, request: Request, code: FromPath[str]) -> Redirect:
        secret = request.app.state.settings.secret_key
        issued, renewed = await certificates.issue_all(request.user, code, secret)
        return see_other(f"/manage/activities/{code}/hours?issued={issued}&renewed={renewed}")

    @post("/certificates/{certificate:str}/revocation")
    async def revoke(self, request: Request, code: FromPath[str], certificate: FromPath[str]) -> Redirect:
        await certificates.revoke(request.user, code, certificate)
        return see_other(f"/manage/activities/{code}/hours")

    @post("/certificates/{certificate:str}/restoration")
    async def restore(self, request: Request, code: FromPath[str], certificate: FromPath[str]) -> Redirect:
        await certificates.revoke(request.user, code, certificate, revoked=False)
        return see_other(f"/manage/activities/{code}/hours")


def _told(request: Request, name: str) -> int:
    """A number that our own redirect sent along; -1 for none."""
    return number(request.query_params.get(name, ""), -1)


def _workbook(hours: Hours, lines: list[HoursLine]) -> bytes:
    """One line a person, two columns a session."""
    with sheets.Book() as book:
        book.sheet(_("到场与学时"), _columns(hours)).add(_row(hours, line) for line in lines)
        return book.finish()


def _columns(hours: Hours) -> list[Column]:
    sessions = []
    for heading in hours.headings:
        day = f"{clock.local(heading.starts_at):%Y-%m-%d %H:%M} {heading.title}".strip()
        sessions += [Column(_("%(session)s 分钟", session=day), Cell.WHOLE, 12), Column(day, Cell.TEXT, 12)]
    return [
        Column(_("姓名"), Cell.TEXT, 14),
        Column(_("单位"), Cell.TEXT, 36),
        *sessions,
        Column(_("算参加的场次"), Cell.WHOLE, 13),
        Column(_("学时"), Cell.NUMBER, 9),
        Column(_("证书编号"), Cell.TEXT, 16),
        Column(_("证书状态"), Cell.TEXT, 12),
    ]


def _row(hours: Hours, line: HoursLine) -> list[Value]:
    person, record = line.person, line.record
    cells: list[Value] = []
    for heading in hours.headings:
        credit = record.credits.get(heading.code)
        cells += [credit.minutes, credit_name(credit)] if credit else [None, None]
    state = _certificate_state(line) if person.certificate else None
    total = None if record.hours is None else float(record.hours)
    return [person.name, person.unit, *cells, record.sessions, total, person.number, state]


def _certificate_state(line: HoursLine) -> str:
    if line.person.revoked_at:
        return _("已作废")
    return _("有效") if line.holds else _("已失效")
