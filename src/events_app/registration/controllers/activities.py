"""Postponing an activity, calling it off, and deleting a draft or one of its sessions."""

from contextlib import suppress
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.clashes import ClashesFound
from events_app.programmes.forms.clashes import ClashTick
from events_app.programmes.forms.life import ReasonForm
from events_app.programmes.rules.life import Verb
from events_app.registration.actions import activities as actions
from events_app.registration.actions.sessions import own_session
from events_app.registration.queries.activities import find_touched_by_step
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class ActivityStepController(Controller):
    """Rows of other organizations' activities are not found."""

    path = "/manage/activities/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/postponement")
    async def new_postponement(self, request: Request, code: FromPath[str]) -> Response:
        return await _step_page(request, code, Verb.POSTPONE, {}, {})

    @post("/postponement")
    async def postpone(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(ReasonForm, await request.form())
        except BadForm as bad:
            return await _step_page(request, code, Verb.POSTPONE, bad.values, bad.errors)
        await actions.postpone(request.user, code, sent.reason)
        return see_other(f"/manage/activities/{code}")

    @post("/resumption")
    async def resume(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            await actions.resume(request.user, code, _accepted(await request.form()))
        except ClashesFound as found:
            activity = await own_activity(request.user, code)
            shown = {"activity": activity, "clashes": found.clashes}
            return page(request, "registration/resumption.html", 409, **shown)
        return see_other(f"/manage/activities/{code}")

    @get("/calling-off")
    async def new_calling_off(self, request: Request, code: FromPath[str]) -> Response:
        return await _step_page(request, code, Verb.CALL_OFF, {}, {})

    @post("/calling-off")
    async def call_off(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(ReasonForm, await request.form())
        except BadForm as bad:
            return await _step_page(request, code, Verb.CALL_OFF, bad.values, bad.errors)
        await actions.call_off_activity(request.user, code, sent.reason)
        return see_other(f"/manage/activities/{code}")

    @get("/removal")
    async def new_removal(self, request: Request, code: FromPath[str]) -> Response:
        activity = await own_activity(request.user, code)
        return page(request, "registration/removal.html", activity=activity, session=None)

    @post("/removal")
    async def remove(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.delete_activity(request.user, code)
        return see_other("/manage")


class SessionRemovalController(Controller):
    """Rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/removal"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        activity = await own_activity(request.user, session.activity_code)
        return page(request, "registration/removal.html", activity=activity, session=session)

    @post("/")
    async def remove(self, request: Request, code: FromPath[str]) -> Redirect:
        return see_other(f"/manage/activities/{await actions.delete_session(request.user, code)}")


def _accepted(form: FormMultiDict) -> list[str]:
    """Nothing where what was sent cannot be keys of ours."""
    with suppress(BadForm):
        return read_form(ClashTick, form).accepted_keys
    return []


async def _step_page(
    request: Request, code: str, verb: Verb, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "registration/activity_step.html",
        422 if errors else 200,
        activity=activity,
        verb=verb,
        said=await actions.sample_text(request.user, code, verb),
        touched=await find_touched_by_step(activity.id),
        values=values,
        errors=errors,
    )
