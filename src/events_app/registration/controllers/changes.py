"""Changing a session, also when somebody else changed it meanwhile, and calling it off."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid
from events_app.programmes.actions.clashes import ClashesFound
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.sessions import SessionRow
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.tables import Admission
from events_app.registration.actions import sessions as actions
from events_app.registration.actions.sessions import ChangedMeanwhile, PeopleTouched
from events_app.registration.forms import CallOffForm, EditForm, MergeForm
from events_app.registration.queries.changes import find_touched, list_history
from events_app.registration.rules.changes import Merge, check_changeable, session_fields
from events_app.registration.rules.telling import called_off_text
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class ChangeController(Controller):
    """Rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/edit")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        session = await actions.own_session(request.user, code)
        check_changeable(session)
        return await _session_form(request, session, _values(session))

    @post("/edit")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        sent = await request.form()
        if "mine" not in sent:
            return await _update(request, code, sent)
        merge = _merge(sent)
        if merge.missing:
            return await _conflict(request, await actions.own_session(request.user, code), merge)
        return await _update(request, code, _merged(merge))

    @get("/call-off")
    async def new_call_off(self, request: Request, code: FromPath[str]) -> Response:
        return await _call_off_form(request, code, {}, {})

    @post("/call-off")
    async def create_call_off(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(CallOffForm, await request.form())
        except BadForm as bad:
            return await _call_off_form(request, code, bad.values, bad.errors)
        await actions.call_off(request.user, code, sent.reason)
        return see_other(f"/manage/sessions/{code}")


async def _update(request: Request, code: str, sent: FormMultiDict) -> Response | Redirect:
    edit = read_form(EditForm, sent)
    try:
        form = read_form(SessionForm, sent)
        await actions.change_session(request.user, code, form, edit)
    except (BadForm, Invalid) as bad:
        return await _form_again(request, code, sent, 422, errors=bad.errors)
    except ClashesFound as found:
        return await _form_again(request, code, sent, 409, clashes=found.clashes)
    except PeopleTouched as touched:
        keys = form.accepted_keys
        return await _form_again(request, code, sent, 409, preview=touched.preview, accepted=keys)
    except ChangedMeanwhile as changed:
        return await _conflict(request, changed.session, changed.merge)
    return see_other(f"/manage/sessions/{code}")


def _merge(sent: FormMultiDict) -> Merge:
    """What the page of a conflict sends."""
    form = read_form(MergeForm, sent)
    return Merge(
        form.base, form.theirs, form.mine, {name: str(sent.get(f"keep_{name}")) for name in form.mine}
    )


def _merged(merge: Merge) -> FormMultiDict:
    """As if the chosen values had been typed into a form that was opened just now."""
    base = msgspec.json.encode(merge.theirs).decode()
    return FormMultiDict({**merge.result, "base": base})


async def _conflict(request: Request, session: SessionRow, merge: Merge) -> Response:
    """Side by side: what it was, what somebody else saved, what was typed. Nothing is saved."""
    history = await list_history(session.code, session.organization)
    return page(
        request,
        "registration/change_conflict.html",
        409,
        session=session,
        rows=[(difference, merge.choice(difference)) for difference in merge.differences],
        names=dict(await _organisers(session)),
        who={field: entry for entry in reversed(history) for field in entry.changes},
        sent={
            name: msgspec.json.encode(getattr(merge, name)).decode() for name in ("base", "theirs", "mine")
        },
        missing=merge.missing,
    )


async def _form_again(
    request: Request, code: str, sent: FormMultiDict, status: int, **shown: Any
) -> Response:
    session = await actions.own_session(request.user, code)
    return await _session_form(request, session, dict(sent), status, **shown)


async def _session_form(
    request: Request, session: SessionRow, values: dict[str, Any], status: int = 200, **shown: Any
) -> Response:
    """`shown`: what is wrong, which clashes there are, who will be told."""
    return page(
        request,
        "programmes/session_form.html",
        status,
        values=values,
        activity_code=session.activity_code,
        activity_title=session.activity_title,
        session_code=session.code,
        draws=session.admission == Admission.DRAW,
        venues=await list_own_venues(session.organization),
        organizations=await accounts.list_organizations(),
        organisers=await _organisers(session),
        **{"errors": {}, "clashes": [], "preview": None, "accepted": []} | shown,
    )


async def _organisers(session: SessionRow) -> list[tuple[str, str]]:
    """Who can be in charge, and who is: as the form sends them, and by name."""
    organisers = {o.id: o.name for o in await accounts.list_organisers(session.organization)}
    if session.in_charge:
        organisers.setdefault(session.in_charge, session.in_charge_name or "")
    return [(str(account), name) for account, name in organisers.items()]


async def _call_off_form(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    session = await actions.own_session(request.user, code)
    return page(
        request,
        "registration/call_off.html",
        422 if errors else 200,
        session=session,
        values=values,
        errors=errors,
        touched=await find_touched(session.id),
        text=called_off_text(session, values.get("reason") or ""),
    )


def _values(session: SessionRow) -> dict[str, Any]:
    fields = session_fields(session)
    return {**fields, "base": msgspec.json.encode(fields).decode()}
