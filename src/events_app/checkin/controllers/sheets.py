"""Lists for signatures: printed, and typed in page by page."""

import asyncio
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.checkin.actions import sheets as actions
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.controllers.rosters import hand_at
from events_app.checkin.forms.sheets import SheetForm, SignaturesForm
from events_app.checkin.guards import at_the_door
from events_app.checkin.queries import sheets as queries
from events_app.checkin.queries.sheets import Sheet, SheetLine
from events_app.checkin.rules.sheets import (
    LINES_A_PAGE,
    MOST_BLANKS,
    count_pages,
    is_masked,
    numbers_on,
    usual_blanks,
    usual_time,
)
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.lib import clock, qr
from events_app.lib.errors import Invalid
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.actions.sessions import own_session
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number, row_id
from events_app.web.templates import safe

# So many pages are printed at once: making a QR takes a moment.
_PAGES = 50


class SheetController(Controller):
    """Those of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/sheets"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        return await _index(request, await own_session(request.user, code))

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        session = await own_session(request.user, code)
        form = await request.form()
        try:
            sheet = await actions.make_sheet(request.user, session, read_form(SheetForm, form).blanks)
        except (BadForm, Invalid) as bad:
            return await _index(request, session, dict(form), bad.errors)
        return see_other(f"/manage/sessions/{code}/sheets/{sheet}")

    @get("/{sheet:str}")
    async def show(self, request: Request, code: FromPath[str], sheet: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        return await _paper(request, session, await actions.sheet_of(session.id, sheet))


class SignatureController(Controller):
    """One page of a sheet, for whoever types it in. What its QR opens."""

    path = "/gate/{code:str}/sheets/{sheet:str}/{page:str}"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/")
    async def edit(
        self, request: Request, code: FromPath[str], sheet: FromPath[str], page: FromPath[str]
    ) -> Response:
        hand = await hand_at(request, code)
        found = await actions.sheet_of(hand.session.id, sheet)
        values = {"at": clock.field_text(usual_time(hand.session, clock.now())), "seat": []}
        return await _signatures(request, hand, found, row_id(page), values)

    @post("/")
    async def update(
        self, request: Request, code: FromPath[str], sheet: FromPath[str], page: FromPath[str]
    ) -> Response | Redirect:
        hand = await hand_at(request, code)
        found, number_ = await actions.sheet_of(hand.session.id, sheet), row_id(page)
        form = await request.form()
        me = request.scope.get("user")
        try:
            typed = await actions.type_in(me, hand, found, number_, read_form(SignaturesForm, form))
        except (BadForm, Invalid) as bad:
            values = {"at": form.get("at", ""), "seat": form.getall("seat", [])}
            return await _signatures(request, hand, found, number_, values, errors=bad.errors)
        if typed.refused:
            problems = {seat: verdict_sentence(verdict) for seat, verdict in typed.refused.items()}
            values = {"at": form.get("at", ""), "seat": []}
            return await _signatures(request, hand, found, number_, values, problems=problems)
        return see_other(f"/gate/{code}/sheets/{sheet}/{number_}?typed={typed.came}")


async def _index(
    request: Request,
    session: SessionRow,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    people = await queries.count_places(session.id)
    walk_ins = await queries.welcomes_walk_ins(session.id)
    sheets = await queries.list_sheets(session.id)
    return page(
        request,
        "checkin/sheets.html",
        422 if errors else 200,
        session=session,
        sheets=[{"row": sheet, "pages": count_pages(sheet.people, sheet.blanks)} for sheet in sheets],
        people=people,
        most=MOST_BLANKS,
        lines_a_page=LINES_A_PAGE,
        values=values or {"blanks": usual_blanks(people, walk_ins=walk_ins)},
        errors=errors or {},
    )


async def _paper(request: Request, session: SessionRow, sheet: Sheet) -> Response:
    """At most so many pages of it at once."""
    path = f"/manage/sessions/{session.code}/sheets/{sheet.code}"
    pages = count_pages(sheet.people, sheet.blanks)
    paging = Paging(path, page_number(request), _PAGES, pages)
    shown = range(paging.offset + 1, paging.last_row + 1)
    numbers = range(paging.offset * LINES_A_PAGE + 1, paging.last_row * LINES_A_PAGE + 1)
    lines = {line.number: line for line in await queries.list_sheet_lines(sheet.id, numbers)}
    gate = f"{request.app.state.settings.base_url}/gate/{session.code}/sheets/{sheet.code}"
    return page(
        request,
        "checkin/sheet.html",
        session=session,
        sheet=sheet,
        masked=is_masked(session.kind),
        pages=await asyncio.to_thread(lambda: [_printed(sheet, lines, n, f"{gate}/{n}") for n in shown]),
        last=pages,
        paging=paging,
    )


def _printed(sheet: Sheet, lines: dict[int, SheetLine], number: int, link: str) -> dict[str, Any]:
    numbers = numbers_on(number, sheet.people, sheet.blanks)
    rows = [{"number": n, "line": lines.get(n)} for n in numbers]
    return {"number": number, "rows": rows, "qr": safe(qr.svg(link, "M"))}


async def _signatures(
    request: Request,
    hand: Hand,
    sheet: Sheet,
    number_: int,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problems: dict[int, str] | None = None,
) -> Response:
    lines = await actions.lines_of(sheet, number_)
    numbers = numbers_on(number_, sheet.people, sheet.blanks)
    return page(
        request,
        "checkin/signatures.html",
        422 if errors else 409 if problems else 200,
        session=hand.session,
        sheet=sheet,
        number=number_,
        last=count_pages(sheet.people, sheet.blanks),
        lines=lines,
        blanks=[n for n in numbers if n > sheet.people],
        open=[line for line in lines if line.state == "confirmed" and not line.attended_at],
        turn=sum(line.undone for line in lines),
        typed=number(request.query_params.get("typed", ""), -1),
        values=values,
        errors=errors or {},
        problems=problems or {},
        organiser=hand.organiser,
    )
