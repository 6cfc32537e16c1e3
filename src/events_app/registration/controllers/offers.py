"""A place that is offered: what it is, and the yes to it."""

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.lib import clock
from events_app.programmes.tables import Extent
from events_app.registration.actions.offers import accept
from events_app.registration.actions.tickets import open_ticket, seat_in
from events_app.registration.rules.offers import not_on_offer, open_offers
from events_app.web.pages import page, see_other
from events_app.web.security import anyone


class OfferController(Controller):
    path = "/t/{ticket:str}/offer/{session:str}"
    guards = (anyone,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, ticket: FromPath[str], session: FromPath[str]) -> Response:
        row, seats = await open_ticket(ticket)
        seat = seat_in(seats, session)
        offers = open_offers(seats, clock.now())
        if seat not in offers:
            raise not_on_offer()
        shown = offers if row.extent == Extent.COURSE else [seat]
        return page(request, "registration/offer.html", ticket=row, seat=seat, offers=shown, address=ticket)

    @post("/")
    async def create(self, ticket: FromPath[str], session: FromPath[str]) -> Redirect:
        row, seats = await open_ticket(ticket)
        await accept(row, seat_in(seats, session).session)
        return see_other(f"/t/{ticket}")
