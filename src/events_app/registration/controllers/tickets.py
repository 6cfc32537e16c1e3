"""A ticket's page, its calendar entry, giving it back, and finding it again."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.actions import throttle
from events_app.lib import clock, codes, ical, qr
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address
from events_app.notifications.queries import list_messages
from events_app.notifications.tables import Recipient
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.programmes.rules.sessions import calendar_uid
from events_app.registration.actions.tickets import find_again, open_ticket, seat_in
from events_app.registration.actions.waiting import cancel
from events_app.registration.forms import FindTicketForm
from events_app.registration.queries import TicketRow, TicketSeat
from events_app.registration.queries.draws import DrawRow, list_draws
from events_app.registration.rules.offers import open_offers
from events_app.registration.rules.seats import current_seat, in_calendar, is_cancellable
from events_app.registration.tables import SeatState
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import download, page, see_other
from events_app.web.security import anyone
from events_app.web.templates import safe

_HOUR = 3600


class TicketController(Controller):
    include_in_schema = False

    @get("/t/{ticket:str}", guards=[anyone])
    async def show(self, request: Request, ticket: FromPath[str]) -> Response:
        row, seats = await open_ticket(ticket)
        link = f"{request.app.state.settings.base_url}/t/{ticket}"
        now = clock.now()
        admitting = any(seat.state == SeatState.CONFIRMED and not seat.called_off_at for seat in seats)
        return page(
            request,
            "registration/ticket.html",
            ticket=row,
            seats=seats,
            current=current_seat(seats, now),
            cancellable=[seat for seat in seats if is_cancellable(seat, now)],
            changeable=any(is_cancellable(seat, now) and now < seat.closes_at for seat in seats),
            address=ticket,
            number=codes.ticket_number(row.ticket),
            qr=safe(qr.svg(link, "Q")) if admitting else "",
            offers=open_offers(seats, now),
            draws=await _draws(seats),
            messages=await list_messages(Recipient.REGISTRATION, row.registration),
        )

    @get("/t/{ticket:str}/calendar.ics", guards=[anyone])
    async def calendar(self, request: Request, ticket: FromPath[str]) -> Response[bytes]:
        row, seats = await open_ticket(ticket)
        base_url = request.app.state.settings.base_url
        entries = [
            _entry(row, seat, base_url, f"{base_url}/t/{ticket}") for seat in seats if in_calendar(seat.state)
        ]
        return download(ical.calendar(row.activity_title, entries), "ticket.ics", ical.MEDIA_TYPE)

    @get("/t/{ticket:str}/cancellation/{session:str}", guards=[anyone])
    async def new_cancellation(
        self, request: Request, ticket: FromPath[str], session: FromPath[str]
    ) -> Response:
        row, seats = await open_ticket(ticket)
        seat = seat_in(seats, session)
        return page(request, "registration/cancellation.html", ticket=row, seat=seat, address=ticket)

    @post("/t/{ticket:str}/cancellation/{session:str}", guards=[anyone])
    async def create_cancellation(self, ticket: FromPath[str], session: FromPath[str]) -> Redirect:
        row, seats = await open_ticket(ticket)
        await cancel(row, seat_in(seats, session).session)
        return see_other(f"/t/{ticket}")

    @get("/tickets/find", guards=[anyone])
    async def find(self, request: Request, registered: FromQuery[str] = "") -> Response:
        return page(
            request, "registration/find_ticket.html", values={}, errors={}, registered=bool(registered)
        )

    @post("/tickets/find", guards=[anyone])
    async def found(self, request: Request) -> Response | Redirect:
        form = await request.form()
        values: dict[str, Any] = dict(form)
        try:
            sent = read_form(FindTicketForm, form)
            await throttle(f"find:{sent.phone}", 10, _HOUR)
            await throttle(f"find-from:{address.get()}", 100, _HOUR)
            ticket = await find_again(sent)
        except BadForm as bad:
            return _find_page(request, values, bad.errors)
        except Refused as refused:
            return _find_page(request, values, {"": refused.sentence})
        return see_other(f"/t/{codes.ticket_text(ticket.ticket, ticket.signature)}")


async def _draws(seats: list[TicketSeat]) -> dict[str, DrawRow]:
    """By session, those in which the ticket is an entry."""
    entered = [seat.session for seat in seats if seat.entry_number]
    return {draw.code: draw for draw in await list_draws(entered)} if entered else {}


def _entry(ticket: TicketRow, seat: TicketSeat, base_url: str, url: str) -> ical.Entry:
    """The seat in a calendar that others may look into: what is confidential has a neutral title."""
    title = _("工会服务") if ticket.kind in CONFIDENTIAL else ticket.activity_title
    return ical.Entry(
        uid=calendar_uid(seat.session, base_url),
        title=title,
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        updated_at=seat.updated_at,
        sequence=seat.sequence,
        cancelled=seat.called_off_at is not None or seat.state == SeatState.RELEASED,
        postponed=seat.postponed_at is not None,
        location=" ".join(filter(None, (seat.venue, seat.address))),
        url=url,
    )


def _find_page(request: Request, values: dict[str, Any], errors: dict[str, str]) -> Response:
    return page(request, "registration/find_ticket.html", 422, values=values, errors=errors, registered=False)
