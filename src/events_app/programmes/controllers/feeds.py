"""Who gives out private calendar addresses: organisers for guests, members for their school or company."""

from litestar import Controller, Request, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer, staff
from events_app.programmes.actions import feeds as actions
from events_app.web.pages import see_other


class FeedController(Controller):
    include_in_schema = False

    @post("/manage/guests/{code:str}/feed", guards=[organizer])
    async def create_for_guest(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.renew_feed(request.user, await actions.guests_calendar(request.user, code))
        return see_other(f"/manage/guests/{code}#feed")

    @post("/manage/guests/{code:str}/feed/removal", guards=[organizer])
    async def remove_for_guest(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.revoke_feed(request.user, await actions.guests_calendar(request.user, code))
        return see_other(f"/manage/guests/{code}#feed")

    @post("/invitations/feeds/{code:str}", guards=[staff])
    async def create(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.renew_feed(request.user, actions.organizations_calendar(request.user, code))
        return see_other("/invitations#feeds")

    @post("/invitations/feeds/{code:str}/removal", guards=[staff])
    async def remove(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.revoke_feed(request.user, actions.organizations_calendar(request.user, code))
        return see_other("/invitations#feeds")
