"""Where organisers add many sessions at once: a table in, a dry run to look through, the good rows saved."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.lib.sheets import MEDIA_TYPE
from events_app.programmes.actions import batches as actions
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.dry_runs import dry_run
from events_app.programmes.actions.sheets import create_table_batch, template
from events_app.programmes.forms.batches import DefaultsForm, SchoolsForm, TableForm, read_edits
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.rules.batches import Checked, in_order, unknown_sites
from events_app.programmes.rules.rows import Defaults
from events_app.programmes.rules.sessions import default_session_times
from events_app.web.forms import LARGEST_WITH_TABLE, BadForm, read_form
from events_app.web.pages import download, page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 50
_MOST_SCHOOLS = 100


class TableController(Controller):
    """A table of sessions of an activity that `me` organises."""

    path = "/manage/activities/{code:str}/batches"
    guards = (organizer,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        opens_at = default_session_times(clock.now())["opens_at"]
        return await _table_form(request, code, _typed(Defaults(opens_at)) | {"starts": "", "ends": ""}, {})

    @get("/template.xlsx")
    async def template(self, request: Request, code: FromPath[str]) -> Response:
        activity = await own_activity(request.user, code)
        return download(template(), _("%(title)s 批量添加.xlsx", title=activity.title), MEDIA_TYPE)

    @post("/", request_max_body_size=LARGEST_WITH_TABLE)
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(TableForm, form)
            batch = await create_table_batch(request.user, code, sent, await _file(form))
        except BadForm as bad:
            return await _table_form(request, code, bad.values, bad.errors)
        except Refused as refused:
            field = "file" if isinstance(form.get("file"), UploadFile) and form["file"].filename else "table"
            return await _table_form(request, code, dict(form), {field: refused.sentence})
        return see_other(f"/manage/batches/{batch}")


class BatchController(Controller):
    """A batch, looked through as often as one likes; those of other organizations are not found."""

    path = "/manage/batches/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        saved = number(request.query_params.get("saved", ""), -1)
        return await _batch_page(request, code, page_number(request), saved=saved)

    @post("/", request_max_body_size=LARGEST_WITH_TABLE)
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        batch = await actions.own_batch(request.user, code)
        try:
            defaults = read_form(DefaultsForm, form).defaults(batch.defaults.remarks)
        except BadForm as bad:
            return await _keep_typed(request, code, form, bad)
        remove = str(form.get("remove", ""))
        if await actions.edit_batch(request.user, code, read_edits(form), defaults, remove):
            return see_other(f"/manage/batches/{code}?page={_number(form)}")
        return see_other(f"/manage/activities/{batch.activity_code}")

    @post("/sessions", request_max_body_size=LARGEST_WITH_TABLE)
    async def save(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        batch = await actions.own_batch(request.user, code)
        try:
            defaults = read_form(DefaultsForm, form).defaults(batch.defaults.remarks)
        except BadForm as bad:
            return await _keep_typed(request, code, form, bad)
        try:
            saved = await actions.save_batch(request.user, code, read_edits(form), defaults)
        except Refused as refused:
            await actions.edit_batch(request.user, code, read_edits(form), defaults)
            return await _batch_page(request, code, _number(form), refusal=refused.sentence)
        if saved.left:
            return see_other(f"/manage/batches/{code}?saved={saved.sessions}")
        return see_other(f"/manage/activities/{batch.activity_code}?added={saved.sessions}")

    @post("/organizations", request_max_body_size=LARGEST_WITH_TABLE)
    async def add_schools(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        batch = await actions.own_batch(request.user, code)
        try:
            defaults = read_form(DefaultsForm, form).defaults(batch.defaults.remarks)
            sent = read_form(SchoolsForm, form)
        except BadForm as bad:
            return await _keep_typed(request, code, form, bad)
        edits = read_edits(form)
        await actions.add_schools(request.user, code, edits, defaults, sent.school, sent.kind)
        return see_other(f"/manage/batches/{code}?page={_number(form)}")

    @post("/removal")
    async def remove(self, request: Request, code: FromPath[str]) -> Redirect:
        activity = await actions.discard_batch(request.user, code)
        return see_other(f"/manage/activities/{activity}")


async def _table_form(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "programmes/batch_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activity=activity,
        venues=await list_own_venues(activity.organization),
    )


async def _keep_typed(request: Request, code: str, form: FormMultiDict, bad: BadForm) -> Response:
    """The rows as they were typed, and what is wrong with what is said of all of them."""
    await actions.edit_batch(request.user, code, read_edits(form))
    values = {name: form.get(name) for name in DefaultsForm.__struct_fields__}
    return await _batch_page(request, code, _number(form), values=values, errors=bad.errors)


async def _batch_page(
    request: Request,
    code: str,
    wanted: int,
    *,
    saved: int = -1,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    refusal: str = "",
) -> Response:
    batch = await actions.own_batch(request.user, code)
    rows = in_order(await dry_run(batch))
    last = -(-len(rows) // _PAGE)
    paging = Paging(f"/manage/batches/{code}", min(wanted, last), _PAGE, len(rows))
    return page(
        request,
        "programmes/batch.html",
        422 if errors else 409 if refusal else 200,
        batch=batch,
        rows=[_shown(row) for row in rows[paging.offset : paging.offset + _PAGE]],
        counts={state: sum(row.state == state for row in rows) for state in ("ready", "warned", "wrong")},
        unknown=list(unknown_sites(rows).items())[:_MOST_SCHOOLS],
        paging=paging,
        saved=saved,
        refusal=refusal,
        values=values or _typed(batch.defaults),
        errors=errors or {},
        venues=await list_own_venues(batch.organization),
        organizations=await accounts.list_organizations(),
    )


def _shown(row: Checked) -> dict[str, Any]:
    """A row with what the template asks of it."""
    names = ("row", "line", "plan", "errors", "clashes", "keys", "accepted", "state", "venue", "new_guests")
    return {name: getattr(row, name) for name in names}


def _typed(defaults: Defaults) -> dict[str, Any]:
    """As the form's fields are filled."""
    names = ("venue", "address", "starts", "ends", "capacity")
    ticks = ("closes_at_start", "waiting_list", "check_in_lead")
    values = {name: getattr(defaults, name) for name in (*names, *ticks)}
    return values | {"opens_at": clock.field_text(defaults.opens_at)}


async def _file(form: FormMultiDict) -> bytes:
    """b"" when none was chosen."""
    sent = form.get("file")
    return await sent.read() if isinstance(sent, UploadFile) else b""


def _number(form: FormMultiDict) -> int:
    return max(number(str(form.get("page", "")), 1), 1)
