"""An activity's public page, and where organisers plan."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.actions import activities as actions
from events_app.programmes.actions import life
from events_app.programmes.forms.activities import ActivityForm
from events_app.programmes.queries import activities as queries
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.queries.batches import list_open_batches
from events_app.programmes.queries.life import find_standing, list_transitions
from events_app.programmes.queries.sessions import list_activity_sessions, list_sessions_of_today
from events_app.programmes.rules.activities import host_role_name, kind_name
from events_app.programmes.rules.life import Who, check_editable, offered_steps
from events_app.programmes.tables import HostRole, Kind
from events_app.web.forms import LARGEST_WITH_PICTURE, BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number
from events_app.web.security import anyone

_PAGE = 30
_LEAST_HOST_ROWS = 4


class ActivityPageController(Controller):
    """What everybody sees."""

    include_in_schema = False

    @get("/activities/{code:str}", guards=[anyone])
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        activity = await queries.find_published_activity(code)
        if activity is None:
            raise NotFound
        return await _activity_page(request, activity, preview=False)

    @get("/pictures/{code:str}", guards=[anyone])
    async def picture(self, code: FromPath[str]) -> Response[bytes]:
        picture = await queries.find_picture(code)
        if picture is None:
            raise NotFound
        forever = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(picture.image, media_type="image/webp", headers=forever)


class ActivityController(Controller):
    """What organisers plan; rows of other organizations are not found."""

    path = "/manage"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        organizations = request.user.organizations(ORGANIZING)
        paging = Paging(
            "/manage", page_number(request), _PAGE, await queries.count_own_activities(organizations)
        )
        activities = await queries.list_own_activities(organizations, _PAGE, paging.offset)
        return page(
            request,
            "programmes/activities.html",
            activities=activities,
            paging=paging,
            today=await list_sessions_of_today(organizations),
        )

    @get("/activities/new")
    async def new(self, request: Request) -> Response:
        values = {
            "kind": Kind.VISIT,
            "hosts": [(_own_name(request.user), HostRole.HOST)],
        }
        return await _activity_form(request, values, {})

    @post("/activities", request_max_body_size=LARGEST_WITH_PICTURE)
    async def create(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            code = await actions.create_activity(
                request.user, read_form(ActivityForm, form), await _picture(form)
            )
        except (BadForm, Invalid) as bad:
            return await _activity_form(request, _typed(form), bad.errors)
        return see_other(f"/manage/activities/{code}")

    @get("/activities/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        added = number(request.query_params.get("added", ""), 0)
        return await _planning_page(request, await actions.own_activity(request.user, code), added=added)

    @get("/activities/{code:str}/edit")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        activity = await actions.own_activity(request.user, code)
        check_editable(activity.state)
        return await _activity_form(request, _values(activity), {}, code)

    @post("/activities/{code:str}", request_max_body_size=LARGEST_WITH_PICTURE)
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(ActivityForm, form)
            await actions.update_activity(request.user, code, sent, await _picture(form))
        except (BadForm, Invalid) as bad:
            await actions.own_activity(request.user, code)
            return await _activity_form(request, _typed(form), bad.errors, code)
        except Refused as refused:
            return await _activity_form(request, _typed(form), {"": refused.sentence}, code, 409)
        return see_other(f"/manage/activities/{code}")

    @get("/activities/{code:str}/preview")
    async def preview(self, request: Request, code: FromPath[str]) -> Response:
        return await _activity_page(request, await actions.own_activity(request.user, code), preview=True)

    @post("/activities/{code:str}/submission")
    async def submit(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, life.submit)

    @post("/activities/{code:str}/withdrawal")
    async def withdraw(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, life.withdraw)

    @post("/activities/{code:str}/publication")
    async def publish(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, life.publish)

    @post("/activities/{code:str}/unpublication")
    async def unpublish(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, life.unpublish)

    @post("/activities/{code:str}/restoration")
    async def restore(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _step(request, code, life.restore)


async def _activity_page(request: Request, activity: ActivityRow, *, preview: bool) -> Response:
    sessions = await list_activity_sessions(activity.id)
    return page(request, "programmes/activity.html", activity=activity, sessions=sessions, preview=preview)


async def _step(
    request: Request, code: str, take: Callable[[Me, str], Awaitable[None]]
) -> Response | Redirect:
    try:
        await take(request.user, code)
    except Refused as refused:
        activity = await actions.own_activity(request.user, code)
        return await _planning_page(request, activity, refused.sentence)
    return see_other(f"/manage/activities/{code}")


async def _planning_page(
    request: Request, activity: ActivityRow, refusal: str = "", *, added: int = 0
) -> Response:
    standing = await find_standing(activity.id)
    return page(
        request,
        "programmes/planning.html",
        409 if refusal else 200,
        activity=activity,
        sessions=await list_activity_sessions(activity.id),
        refusal=refusal,
        added=added,
        batches=await list_open_batches(activity.id),
        standing=standing,
        steps=offered_steps(standing, Who.ORGANISER),
        timeline=await list_transitions(activity.id),
    )


async def _activity_form(
    request: Request, values: dict[str, Any], errors: dict[str, str], code: str = "", status: int = 0
) -> Response:
    hosts = values["hosts"]
    hosts += [("", HostRole.HOST)] * max(_LEAST_HOST_ROWS - len(hosts), 1)
    return page(
        request,
        "programmes/activity_form.html",
        status or (422 if errors else 200),
        values=values,
        errors=errors,
        code=code,
        kinds=[(kind.value, kind_name(kind)) for kind in Kind],
        roles=[(role.value, host_role_name(role)) for role in HostRole],
        programmes=await queries.list_own_programmes(request.user.organizations(ORGANIZING)),
        organizations=await accounts.list_organizations(),
    )


def _typed(form: Any) -> dict[str, Any]:
    """The activity form as it came, its hosts as rows."""
    names, roles = form.getall("host_organization", []), form.getall("host_role", [])
    return dict(form) | {"hosts": list(zip(names, roles, strict=False))}


def _values(activity: ActivityRow) -> dict[str, Any]:
    return {
        "title": activity.title,
        "kind": activity.kind,
        "programme": activity.programme_code,
        "description": activity.description,
        "hosts": [(host.name, host.role) for host in activity.hosts],
    }


def _own_name(me: Me) -> str:
    return next(m.name for m in me.memberships if m.role in ORGANIZING)


async def _picture(form: Any) -> bytes | None:
    sent = form.get("picture")
    return await sent.read() or None if isinstance(sent, UploadFile) else None
