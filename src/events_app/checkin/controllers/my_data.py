"""What is stored about oneself."""

import msgspec
from litestar import Controller, Request, Response, get

from events_app.checkin.actions.stored import stored_of
from events_app.web.pages import download, page
from events_app.web.phones import phone_secret
from events_app.web.security import anyone


class MyDataController(Controller):
    """What is stored about whoever registered with this phone."""

    include_in_schema = False

    @get("/my/data", guards=[anyone])
    async def show(self, request: Request) -> Response:
        return page(request, "checkin/my_data.html", stored=await stored_of(phone_secret(request)))

    @get("/my/data.json", guards=[anyone])
    async def export(self, request: Request) -> Response[bytes]:
        body = msgspec.json.format(msgspec.json.encode(await stored_of(phone_secret(request))))
        return download(body, "my-data.json", "application/json")
