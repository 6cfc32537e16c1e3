"""Where organisers ask schools and companies for their people."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib import qr
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.registration.actions import rosters as actions
from events_app.registration.forms import UnitForm
from events_app.registration.queries.places import list_eligible_names
from events_app.registration.queries.rosters import RosterRow, list_rosters
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import row_id
from events_app.web.templates import safe


class UnitController(Controller):
    """Lists of other organizations' activities are not found."""

    path = "/manage/activities/{code:str}/units"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        return await _units_page(request, code, {}, {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            roster = await actions.invite_unit(request.user, code, read_form(UnitForm, form))
        except (BadForm, Invalid) as bad:
            return await _units_page(request, code, dict(form), bad.errors)
        except Refused as refused:
            return await _units_page(request, code, dict(form), {"unit": refused.sentence}, 409)
        return see_other(f"/manage/activities/{code}/units/{roster}")

    @get("/{roster:str}")
    async def show(self, request: Request, code: FromPath[str], roster: FromPath[str]) -> Response:
        found = await actions.own_roster(request.user, code, row_id(roster))
        link = f"{request.app.state.settings.base_url}/rosters/{found.secret}"
        return page(
            request,
            "registration/unit.html",
            roster=found,
            link=link,
            text=_text_to_send(found, link),
            qr=safe(qr.svg(link, "M")),
        )

    @post("/{roster:str}/renewal")
    async def renew(self, request: Request, code: FromPath[str], roster: FromPath[str]) -> Redirect:
        await actions.renew_link(request.user, code, row_id(roster), revoked=False)
        return see_other(f"/manage/activities/{code}/units/{roster}")

    @post("/{roster:str}/revocation")
    async def revoke(self, request: Request, code: FromPath[str], roster: FromPath[str]) -> Redirect:
        await actions.renew_link(request.user, code, row_id(roster), revoked=True)
        return see_other(f"/manage/activities/{code}/units/{roster}")


async def _units_page(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str], status: int = 0
) -> Response:
    activity = await own_activity(request.user, code)
    eligible = [each.name for each in await list_eligible_names(activity.id)]
    known = eligible if activity.eligible_only else [o.name for o in await accounts.list_organizations()]
    return page(
        request,
        "registration/units.html",
        status or (422 if errors else 200),
        activity=activity,
        rosters=await list_rosters(activity.id),
        units=known,
        values=values,
        errors=errors,
    )


def _text_to_send(roster: RosterRow, link: str) -> str:
    return _(
        "%(unit)s：%(asking)s邀请您单位组织人员参加“%(title)s”。请领队打开下面的链接，下载模板，填好名单后上传："
        "%(link)s。链接只给领队，谁有链接，谁就能看到和修改名单。",
        unit=roster.unit,
        asking=roster.organization_name,
        title=roster.activity_title,
        link=link,
    )
