"""All tickets of this phone, and having them forgotten."""

from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from events_app.accounts.actions import throttle
from events_app.lib import clock
from events_app.lib.request_context import address
from events_app.registration.actions.mine import MyTickets, my_tickets
from events_app.registration.actions.retention import delete_mine
from events_app.web.pages import page, see_other
from events_app.web.phones import forget, phone_secret
from events_app.web.security import anyone

_HOUR = 3600


class MyController(Controller):
    """Whoever has no cookie of ours registered nothing here: the pages say so and how to find a ticket."""

    include_in_schema = False

    @get("/my", guards=[anyone])
    async def index(self, request: Request, deleted: FromQuery[str] = "") -> Response:
        return page(request, "registration/my.html", mine=await _mine(request), deleted=bool(deleted))

    @get("/my/deletion", guards=[anyone])
    async def new_deletion(self, request: Request) -> Response:
        return page(request, "registration/my_deletion.html", mine=await _mine(request))

    @post("/my/deletion", guards=[anyone])
    async def create_deletion(self, request: Request) -> Redirect:
        await throttle(f"deletion:{address.get()}", 100, _HOUR)
        await delete_mine(phone_secret(request))
        answer = see_other("/my?deleted=yes")
        answer.set_cookie(forget(request))
        return answer


async def _mine(request: Request) -> MyTickets:
    return await my_tickets(phone_secret(request), clock.now())
