"""What a ticket's holder can do, beside giving the place back."""

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration import queries
from events_app.registration.forms import FindTicketForm
from events_app.registration.queries import TicketRow


async def find_again(form: FindTicketForm) -> TicketRow:
    """The ticket of this name, phone and six digits; raises Refused."""
    ticket = await queries.find_ticket_by_pin(form.name, form.phone, form.pin)
    if ticket is None:
        raise Refused(_("没有找到。请核对姓名、手机号码和报名时显示的六位查询码。"), "not_found")
    return ticket
