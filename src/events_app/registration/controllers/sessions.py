"""What the poster's QR opens: a session, its form, its poster."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.actions import throttle
from events_app.lib import clock, codes, qr
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address
from events_app.programmes.queries.sessions import SessionPage, find_session_page
from events_app.registration.actions import taking as actions
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
from events_app.registration.rules.seats import is_walk_in
from events_app.registration.rules.terms import data_holder, is_sensitive, notice
from events_app.web.forms import BadForm
from events_app.web.pages import page, see_other
from events_app.web.phones import phone_secret, remember
from events_app.web.security import anyone
from events_app.web.templates import safe

# A whole hall may register through one school's network at once.
_MOST_PER_MINUTE = 600
_WRITTEN_DOWN = 30
_SECRET_LENGTH = 43


class SessionController(Controller):
    include_in_schema = False

    @get("/s/{session:str}", guards=[anyone])
    async def show(self, request: Request, session: FromPath[str]) -> Response:
        return await _session_page(request, await _published(session), {}, {})

    @get("/s/{session:str}/registrations", guards=[anyone])
    async def index(self, session: FromPath[str]) -> Redirect:
        """Where a refused form leaves the browser: a reload or a shared link leads back to the form."""
        return see_other(f"/s/{session}")

    @post("/s/{session:str}/registrations", guards=[anyone], request_max_body_size=LARGEST_WITH_FILES)
    async def register(self, request: Request, session: FromPath[str]) -> Response | Redirect:
        await check_size(request, session)
        form = await request.form()
        await throttle(f"register:{address.get()}", _MOST_PER_MINUTE, 60, at_once=_WRITTEN_DOWN)
        phone = phone_secret(request) or _visit(form)
        signer = codes.signer(request.app.state.settings.secret_key)
        values = typed(form)
        try:
            sent, reply, wish = await read_registration(session, form, values)
            seat = await actions.register(session, sent, signer, phone, reply, wish)
        except BadForm as bad:
            row = await _published(session)
            errors = bad.errors | await rule_errors(row, form, values)
            return await _session_page(request, row, values, errors)
        except Invalid as invalid:
            return await _session_page(request, await _published(session), values, invalid.errors)
        except Refused as refused:
            return await _session_page(
                request, await _published(session), values, {"": refused.sentence}, 409
            )
        if not seat.mine:  # whoever knows a name and a phone number does not get the ticket for it
            return see_other("/tickets/find?registered=yes")
        ticket = f"/t/{codes.ticket_text(seat.ticket, seat.signature)}"
        answer = see_other(f"{ticket}/party" if wish.companions else ticket)
        answer.set_cookie(remember(request, phone))
        return answer

    @get("/s/{session:str}/poster", guards=[anyone])
    async def poster(self, request: Request, session: FromPath[str]) -> Response:
        row = await _published(session)
        link = f"{request.app.state.settings.base_url}/s/{row.code}"
        code = safe(qr.svg(link, "M"))
        return page(request, "registration/poster.html", session=row, qr=code, link=link)


async def _published(code: str) -> SessionPage:
    session = await find_session_page(code)
    if session is None:
        raise NotFound(_("没有这个场次。请核对海报上的二维码或网址。"), "unknown_session")
    return session


async def _session_page(
    request: Request, session: SessionPage, values: dict[str, Any], errors: dict[str, str], status: int = 0
) -> Response:
    terms = await terms_of(session.activity, session.terms)
    return page(
        request,
        "registration/session.html",
        status or (422 if errors else 200),
        session=session,
        terms=terms,
        units=await list_eligible_names(session.activity) if session.eligible_only else [],
        walk_in=is_walk_in(session, clock.now()),
        notice=notice(terms, holder=data_holder(session.hosts), birth_year=needs_birth_year(session)),
        sensitive=is_sensitive(session.kind, terms),
        values=values,
        errors=errors,
        visit=codes.new_secret(),
    )


def _visit(form: FormMultiDict) -> str:
    """The secret that this showing of the form carries.

    A second tap before the first answer has no cookie yet, and has to be known as the same phone all the same.
    """
    visit = str(form.get("visit", ""))
    return visit if len(visit) == _SECRET_LENGTH else codes.new_secret()
