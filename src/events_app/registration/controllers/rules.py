"""An activity's rules of registration."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.rules.activities import admission_name
from events_app.programmes.rules.admission import extent_name
from events_app.programmes.rules.life import check_editable
from events_app.programmes.rules.worth import hours_text
from events_app.programmes.tables import Admission, Extent
from events_app.registration.actions import rules as actions
from events_app.registration.forms import RulesForm
from events_app.registration.queries.rules import RulesRow, UnitQuota
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other

_BLANK_ROWS = 3


class RulesController(Controller):
    """Rows of other organizations' activities are not found."""

    path = "/manage/activities/{code:str}/rules"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        return await _rules_page(request, code)

    @post("/")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.change_rules(request.user, code, read_form(RulesForm, form))
        except (BadForm, Invalid) as bad:
            return await _rules_page(request, code, form, bad.errors, 422)
        except Refused as refused:
            return await _rules_page(request, code, form, refused.errors, 409)
        return see_other(f"/manage/activities/{code}/rules?saved=1")


async def _rules_page(
    request: Request,
    code: str,
    form: FormMultiDict | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    activity, rules, units = await actions.own_rules(request.user, code)
    if form is None:
        check_editable(activity.state)
    return page(
        request,
        "registration/rules_form.html",
        status,
        activity=activity,
        rules=rules,
        values=_typed(form) if form is not None else _values(rules, units),
        base=msgspec.json.encode(actions.stored_fields(rules, units)).decode(),
        errors=errors or {},
        admissions=[(way.value, admission_name(way)) for way in Admission],
        extents=[(extent.value, extent_name(extent)) for extent in Extent],
        organizations=await accounts.list_organizations(),
        saved="saved" in request.query_params,
    )


def _values(rules: RulesRow, units: list[UnitQuota]) -> dict[str, Any]:
    rows = [(unit.name, unit.places or "") for unit in units]
    hours = {
        "session_hours": hours_text(rules.session_hours) if rules.session_hours else "",
        "certificate_hours": hours_text(rules.certificate_hours) if rules.certificate_hours else "",
    }
    return msgspec.structs.asdict(rules) | hours | {"units": [*rows, *[("", "")] * _BLANK_ROWS]}


def _typed(form: FormMultiDict) -> dict[str, Any]:
    """The form as it came, its units as rows."""
    names, places = form.getall("unit_name", []), form.getall("unit_places", [])
    return dict(form) | {"units": [*zip(names, places, strict=False), ("", "")]}
