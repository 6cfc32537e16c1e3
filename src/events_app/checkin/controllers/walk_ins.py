"""Whoever comes without having registered: one form at the door, and they are in."""

from typing import Any
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from events_app.accounts.rules import Me
from events_app.checkin.actions.walk_ins import WalkedIn, walk_in
from events_app.checkin.controllers.rosters import hand_at
from events_app.checkin.forms.walk_ins import WalkInForm
from events_app.checkin.guards import at_the_door, door_session
from events_app.checkin.queries.sessions import GateSession
from events_app.checkin.rules.walk_ins import check_walk_ins, walk_in_sentence
from events_app.checkin.tables import Verdict
from events_app.lib import clock, codes, qr
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.queries.sessions import SessionPage, find_session_page
from events_app.registration.actions.terms import terms_of
from events_app.registration.filled import (
    LARGEST_WITH_FILES,
    check_size,
    read_registration,
    rule_errors,
    typed,
)
from events_app.registration.queries.places import list_eligible_names
from events_app.registration.rules.consent import needs_birth_year
from events_app.registration.rules.terms import data_holder, is_sensitive, notice
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page
from events_app.web.templates import safe


class WalkInController(Controller):
    """Sessions of other organizations are not found."""

    path = "/gate/{code:str}/walk-in"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        return await _page(request, await door_session(request, code), await _row(code))

    @post("/", request_max_body_size=LARGEST_WITH_FILES)
    async def create(self, request: Request, code: FromPath[str]) -> Response:
        hand, row = await hand_at(request, code), await _row(code)
        await check_size(request, code)
        form = await request.form()
        values = typed(form)
        me = request.scope.get("user")
        signer = codes.signer(request.app.state.settings.secret_key)
        try:
            sent = read_form(WalkInForm, form)
            registration, reply, _wish = await read_registration(code, form, values)
            by = me if isinstance(me, Me) and hand.account else None
            done = await walk_in(by, hand, row, registration, reply, signer, sent)
        except BadForm as bad:
            errors = bad.errors | await rule_errors(row, form, values)
            return await _page(request, hand.session, row, values, errors)
        except Invalid as invalid:
            return await _page(request, hand.session, row, values, invalid.errors)
        except Refused as refused:
            unheard = {"consent": ""} if refused.reason == "terms_changed" else {}
            return await _page(request, hand.session, row, values | unheard, refused=refused)
        return await _page(request, hand.session, row, done=done)


async def _row(code: str) -> SessionPage:
    row = await find_session_page(code)
    if row is None:
        raise NotFound
    return row


def _closed(row: SessionPage) -> Refused | None:
    try:
        check_walk_ins(row, clock.now())
    except Refused as refused:
        return refused
    return None


async def _page(
    request: Request,
    session: GateSession,
    row: SessionPage,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    *,
    refused: Refused | None = None,
    done: WalkedIn | None = None,
) -> Response:
    terms = await terms_of(row.activity, row.terms)
    outcome = done.outcome if done else None
    closed = _closed(row)
    wrong = 409 if refused and request.method == "POST" else 422 if errors else 200
    answer = page(
        request,
        "checkin/walk_in.html",
        wrong,
        session=session,
        row=row,
        open=closed is None,
        refused=refused or closed,
        outcome=outcome,
        sentence=walk_in_sentence(done.at_door.before, done.outcome.verdict) if done else "",
        seat=done.at_door.seat.seat if done else None,
        ticket=_ticket(request, done) if done else "",
        units=await list_eligible_names(row.activity) if row.eligible_only else [],
        terms=terms,
        notice=notice(terms, holder=data_holder(row.hosts), birth_year=needs_birth_year(row)),
        sensitive=is_sensitive(row.kind, terms),
        values=values or {},
        errors=errors or {},
        nonce=uuid4().hex,
        attended=outcome.attended if outcome else session.attended,
        free=max(row.capacity - (outcome.expected if outcome else row.taken), 0),
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _ticket(request: Request, done: WalkedIn) -> str:
    """Only whoever was registered just now gets their ticket from this page."""
    if done.at_door.before is not None or done.outcome.verdict != Verdict.ADMITTED:
        return ""
    text = codes.ticket_text(done.at_door.seat.ticket, done.at_door.seat.signature)
    return safe(qr.svg(f"{request.app.state.settings.base_url}/t/{text}", "M"))
