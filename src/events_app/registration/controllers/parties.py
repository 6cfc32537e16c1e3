"""What a group sees that registered together: everybody's ticket."""

from itertools import groupby

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.lib import codes
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.registration.queries import find_ticket
from events_app.registration.queries.parties import list_party_seats
from events_app.web.pages import page
from events_app.web.phones import phone_secret
from events_app.web.security import anyone


class PartyController(Controller):
    include_in_schema = False

    @get("/t/{ticket:str}/party", guards=[anyone])
    async def show(self, request: Request, ticket: FromPath[str]) -> Response:
        read = codes.read_ticket(ticket)
        row = await find_ticket(*read) if read else None
        if row is None:
            raise NotFound(
                _("没有这张入场码。请从报名时保存的链接打开，或用姓名、手机号码和查询码找回。"), "unknown"
            )
        seats = await list_party_seats(row.registration, codes.digest(phone_secret(request)))
        people = [
            (codes.ticket_text(*key), list(held))
            for key, held in groupby(seats, key=lambda seat: (seat.ticket, seat.signature))
        ]
        return page(request, "registration/party.html", ticket=row, address=ticket, people=people)
