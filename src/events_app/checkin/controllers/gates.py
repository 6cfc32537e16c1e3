"""Where organisers make devices gates, and where such a device becomes one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.checkin.actions import gates as actions
from events_app.checkin.actions.gates import Scope
from events_app.checkin.forms.gates import GateForm
from events_app.checkin.guards import gate_secret, remember_gate
from events_app.checkin.queries.gates import GateRow, list_activity_gates, list_session_gates
from events_app.checkin.queries.sessions import list_open_gates
from events_app.checkin.rules.gates import usual_hours
from events_app.lib import clock, codes, qr
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.queries.sessions import SessionRow, list_activity_sessions
from events_app.registration.actions.sessions import own_session
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.security import anyone
from events_app.web.templates import safe


class SessionGateController(Controller):
    """Gates at one session's door; those of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/gates"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        return await _session_page(request, session, _values([session]), {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        session = await own_session(request.user, code)
        scope = Scope(code, session.organization, session=session.id)
        try:
            gate = await actions.create_gate(request.user, scope, read_form(GateForm, await request.form()))
        except (BadForm, Invalid) as bad:
            return await _session_page(request, session, dict(await request.form()), bad.errors)
        return see_other(f"/manage/gates/{gate}")


class ActivityGateController(Controller):
    """Gates for all of an activity's sessions, those that are added later too."""

    path = "/manage/activities/{code:str}/gates"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        activity = await own_activity(request.user, code)
        return await _activity_page(request, code, _values(await list_activity_sessions(activity.id)), {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        activity = await own_activity(request.user, code)
        scope = Scope(code, activity.organization, activity=activity.id)
        try:
            gate = await actions.create_gate(request.user, scope, read_form(GateForm, await request.form()))
        except (BadForm, Invalid) as bad:
            return await _activity_page(request, code, dict(await request.form()), bad.errors)
        return see_other(f"/manage/gates/{gate}")


class GateKeepingController(Controller):
    """One gate: its link as long as nobody has opened it, and what can be done with it."""

    path = "/manage/gates/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        gate = await actions.own_gate(request.user, code)
        return _gate_page(request, gate, _hours(gate.label, gate.opens_at, gate.closes_at), {})

    @post("/")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.update_gate(request.user, code, read_form(GateForm, form))
        except (BadForm, Invalid) as bad:
            gate = await actions.own_gate(request.user, code)
            return _gate_page(request, gate, dict(form), bad.errors)
        return see_other(f"/manage/gates/{code}")

    @post("/renewal")
    async def renew(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            return see_other(f"/manage/gates/{await actions.renew_gate(request.user, code)}")
        except Refused as refused:
            gate = await actions.own_gate(request.user, code)
            values = _hours(gate.label, gate.opens_at, gate.closes_at)
            return _gate_page(request, gate, values, refused.errors, 409)

    @post("/revocation")
    async def revoke(self, request: Request, code: FromPath[str]) -> Redirect:
        await actions.revoke_gate(request.user, code)
        return see_other(f"/manage/gates/{code}")


class GateLinkController(Controller):
    """What the QR of a gate opens, on the device that is going to be it."""

    path = "/gates/{link:str}"
    guards = (anyone,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, link: FromPath[str]) -> Response:
        """The device gets its secret here already: should the answer to opening get lost, it is the gate all the
        same."""
        try:
            found = await actions.gate_link(link)
        except NotFound as gone:
            return await _gone(request, gone)
        answer = page(request, "checkin/gate_link.html", gate=found, link=link)
        if not gate_secret(request):
            answer.cookies.append(remember_gate(request, codes.new_secret()))
        return answer

    @post("/")
    async def open(self, request: Request, link: FromPath[str]) -> Response | Redirect:
        secret = gate_secret(request) or codes.new_secret()
        try:
            found = await actions.open_gate(link, secret)
        except NotFound as gone:
            return await _gone(request, gone)
        answer = see_other(f"/gate/{found.session_code}" if found.session_code else "/gate")
        answer.cookies.append(remember_gate(request, secret))
        return answer


async def _gone(request: Request, gone: NotFound) -> Response:
    """The device that used the link up itself finds its way from here."""
    secret = gate_secret(request)
    own = await list_open_gates(codes.digest(secret)) if secret else []
    labels = [gate.label for gate in own if not gate.revoked_at]
    return page(request, "checkin/gate_link_gone.html", 404, sentence=gone.sentence, labels=labels)


async def _session_page(
    request: Request, session: SessionRow, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    return page(
        request,
        "checkin/gate_list.html",
        422 if errors else 200,
        session=session,
        activity_code=session.activity_code,
        activity_title=session.activity_title,
        gates=await list_session_gates(session.id, session.activity),
        values=values,
        errors=errors,
    )


async def _activity_page(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "checkin/gate_list.html",
        422 if errors else 200,
        session=None,
        activity_code=code,
        activity_title=activity.title,
        gates=await list_activity_gates(activity.id),
        values=values,
        errors=errors,
    )


def _gate_page(
    request: Request, gate: GateRow, values: dict[str, Any], errors: dict[str, str], status: int = 0
) -> Response:
    link = f"{request.app.state.settings.base_url}/gates/{gate.link}" if gate.link else ""
    return page(
        request,
        "checkin/gate_card.html",
        status or (422 if errors else 200),
        gate=gate,
        link=link,
        qr=safe(qr.svg(link, "M")) if link else "",
        values=values,
        errors=errors,
    )


def _values(sessions: Sequence[SessionRow]) -> dict[str, Any]:
    """From the hours of these doors; of those that are still to come, as long as there are any."""
    now = clock.now()
    coming = [session for session in sessions if session.check_in_closes_at > now]
    hours = usual_hours(coming or sessions)
    return _hours("", *hours) if hours else {}


def _hours(label: str, opens_at: datetime, closes_at: datetime) -> dict[str, Any]:
    return {
        "label": label,
        "opens_at": clock.field_text(opens_at),
        "closes_at": clock.field_text(closes_at),
    }
