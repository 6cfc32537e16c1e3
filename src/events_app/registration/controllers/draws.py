"""Draws: what an organiser does for one, and what everybody can look up and repeat."""

from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib import clock, codes
from events_app.lib.errors import NotFound, Refused
from events_app.registration.actions import draws as actions
from events_app.registration.forms import SeedForm
from events_app.registration.queries.draws import DrawRow, list_names
from events_app.registration.rules import draws as rules
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import download, page, see_other
from events_app.web.paging import Paging, number, page_number
from events_app.web.security import anyone

_PAGE = 50


class Line(msgspec.Struct, frozen=True):
    """One entry as the page shows it: the `rank` in which it was drawn, whose it is as far as that may be told."""

    rank: int
    number: int
    group: int
    mark: str
    drawn: bool
    name: str


class DrawController(Controller):
    """What an organiser does; rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/draw"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _desk(request, code, {}, {})

    @post("/seed")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(SeedForm, await request.form())
        except BadForm as bad:
            return await _desk(request, code, bad.values, bad.errors, 422)
        return await _step(request, code, actions.tell_seed(request.user, code, sent.seed))

    @post("/drawing")
    async def hold(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, actions.hold_draw(request.user, code))

    @post("/publication")
    async def publish(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, actions.publish_draw(request.user, code))


class PublicDrawController(Controller):
    """Of a confidential activity only for whoever has one of its tickets, and without names."""

    path = "/s/{session:str}"
    guards = (anyone,)
    include_in_schema = False

    @get("/draw")
    async def show(
        self,
        request: Request,
        session: FromPath[str],
        ticket: FromQuery[str] = "",
        entry: FromQuery[str] = "",
    ) -> Response:
        draw = await actions.public_draw(session, codes.read_ticket(ticket))
        query = [("ticket", ticket)] if rules.is_confidential(draw.kind) else []
        address = f"/s/{draw.code}/draw"
        paging = Paging(address, page_number(request), _PAGE, len(_order(draw)), tuple(query))
        wanted = number(entry, 0)
        return page(
            request,
            "registration/draw.html",
            draw=draw,
            lines=await _lines(draw, paging, wanted),
            entry=entry,
            paging=paging,
            query=urlencode(query),
            ticket=ticket if query else "",
            program=rules.PROGRAM,
        )

    @get("/draw.csv")
    async def list(self, session: FromPath[str], ticket: FromQuery[str] = "") -> Response[bytes]:
        """The very bytes whose SHA-256 is told."""
        draw = await actions.public_draw(session, codes.read_ticket(ticket))
        if not draw.published_at:
            raise NotFound
        return download(draw.entries.encode(), "draw.csv", "text/csv; charset=utf-8")


async def _step(request: Request, code: str, step: Awaitable[Any]) -> Response | Redirect:
    try:
        await step
    except Refused as refused:
        return await _desk(request, code, {}, refused.errors, 409)
    return see_other(f"/manage/sessions/{code}/draw")


async def _desk(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str], status: int = 200
) -> Response:
    draw, now = await actions.own_draw(request.user, code), clock.now()
    return page(
        request,
        "registration/draw_desk.html",
        status,
        draw=draw,
        refusal=_refusal(draw),
        choosing=rules.may_choose_seed(draw, now),
        result=rules.order(draw.seed, draw.entries, draw.places or 0) if draw.drawn_at else None,
        values=values,
        errors=errors,
    )


def _refusal(draw: DrawRow) -> str:
    """Why the next step cannot be taken now, or ""."""
    check = rules.check_drawable if draw.seed else rules.check_seedable
    try:
        check(draw, clock.now())
    except Refused as refused:
        return refused.sentence
    return ""


def _order(draw: DrawRow) -> list[int]:
    """Entry numbers as they were drawn, once that is public."""
    if not draw.published_at:
        return []
    return rules.order(draw.seed, draw.entries, draw.places or 0).everybody


async def _lines(draw: DrawRow, paging: Paging, wanted: int) -> list[Line]:
    """Those of one page, or the one of the entry that is wanted."""
    ranks = {entry: rank for rank, entry in enumerate(_order(draw), 1)}
    shown = list(ranks)[paging.offset : paging.offset + _PAGE] if not wanted else [wanted]
    entries = {entry.number: entry for entry in rules.read_entries(draw.entries) if entry.number in shown}
    names = {} if rules.is_confidential(draw.kind) else await list_names(draw.id, shown)
    places = len(rules.order(draw.seed, draw.entries, draw.places or 0).drawn) if ranks else 0
    return [
        Line(
            rank=ranks[n],
            number=n,
            group=entries[n].group,
            mark=entries[n].mark,
            drawn=ranks[n] <= places,
            name=rules.mask_name(names[n]) if n in names else "",
        )
        for n in shown
        if n in ranks
    ]
