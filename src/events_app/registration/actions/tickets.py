"""What a ticket's holder can do, beside giving the place back."""

from events_app.lib import codes
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.registration import queries
from events_app.registration.forms import FindTicketForm
from events_app.registration.queries import TicketRow, TicketSeat


async def find_again(form: FindTicketForm) -> TicketRow:
    """The ticket of this name, phone and six digits; raises Refused."""
    ticket = await queries.find_ticket_by_pin(form.name, form.phone, form.pin)
    if ticket is None:
        raise Refused(_("没有找到。请核对姓名、手机号码和报名时显示的六位查询码。"), "not_found")
    return ticket


async def open_ticket(text: str) -> tuple[TicketRow, list[TicketSeat]]:
    """A ticket by its address, and its seats by time; raises NotFound unless code and signature belong together."""
    read = codes.read_ticket(text)
    row = await queries.find_ticket(*read) if read else None
    if row is None:
        raise NotFound(
            _("没有这张入场码。请从报名时保存的链接打开，或用姓名、手机号码和查询码找回。"), "unknown"
        )
    return row, await queries.list_ticket_seats(row.registration)


def seat_in(seats: list[TicketSeat], session: str) -> TicketSeat:
    """Raises NotFound for a session in which the ticket has no seat."""
    for seat in seats:
        if seat.session == session:
            return seat
    raise NotFound
