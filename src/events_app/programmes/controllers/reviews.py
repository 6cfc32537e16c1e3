"""Where a union reads what those below it want to publish."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.programmes.actions import life
from events_app.programmes.forms.life import RemarkForm
from events_app.programmes.queries import life as queries
from events_app.programmes.queries.sessions import list_activity_sessions
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, page_number

_PAGE = 30


class ReviewController(Controller):
    """Activities of unions directly below; all others are not found."""

    path = "/manage/reviews"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        mine = request.user.organizations(ORGANIZING)
        total = await queries.count_submitted(mine)
        paging = Paging("/manage/reviews", page_number(request), _PAGE, total)
        waiting = await queries.list_submitted(mine, _PAGE, paging.offset)
        return page(request, "programmes/reviews.html", waiting=waiting, paging=paging)

    @get("/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _review_page(request, code, {}, {})

    @post("/{code:str}/approval")
    async def approve(self, request: Request, code: FromPath[str]) -> Redirect:
        await life.approve(request.user, code)
        return see_other("/manage/reviews")

    @post("/{code:str}/return")
    async def return_to_union(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(RemarkForm, await request.form())
        except BadForm as bad:
            return await _review_page(request, code, bad.values, bad.errors)
        await life.return_to_union(request.user, code, sent.remark)
        return see_other("/manage/reviews")


async def _review_page(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await life.submitted_activity(request.user, code)
    return page(
        request,
        "programmes/review.html",
        422 if errors else 200,
        activity=activity,
        sessions=await list_activity_sessions(activity.id),
        timeline=await queries.list_transitions(activity.id),
        values=values,
        errors=errors,
    )
