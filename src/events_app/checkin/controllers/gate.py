"""The gate's page."""

from typing import Any
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.checkin.actions import admitting
from events_app.checkin.forms.scans import ScanForm
from events_app.checkin.guards import at_the_door, door_session, doorkeeper
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.arrivals import Companions, find_companions
from events_app.checkin.queries.scans import list_recent_scans
from events_app.checkin.queries.sessions import GateSession, find_ticket_by_number, list_gate_sessions
from events_app.checkin.rules.gates import closed_gates
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.errors import Invalid
from events_app.lib.request_context import address, request_id
from events_app.registration.actions.answers import what_is_asked
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import either, page, see_other
from events_app.web.security import content_policy

_PAGE_NONCE = "page-"


class GateController(Controller):
    """What whoever stands at a door sees; sessions of other organizations are not found."""

    path = "/gate"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        keeper = doorkeeper(request)
        return page(
            request,
            "checkin/gates.html",
            sessions=await list_gate_sessions(keeper),
            gates=[gate.label for gate in keeper.gates if gate.valid],
            closed=closed_gates(keeper.gates, clock.now()),
            staff=keeper.account is not None,
        )

    @get("/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _gate_page(request, await door_session(request, code))

    @post("/{code:str}/scans")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        session = await door_session(request, code)
        try:
            sent = read_form(ScanForm, await request.form())
        except BadForm as bad:
            return await _gate_page(request, session, values=bad.values, errors=bad.errors)
        if arrival := codes.read_arrival(sent.ticket):
            return see_other(f"/gate/{code}/units/{arrival}")
        kept = {"direction": sent.direction, "place": sent.place}
        try:
            outcome = await admitting.admit(await _scan(request, session, sent))
        except Invalid as reused:
            return await _gate_page(request, session, values=kept, errors={"ticket": reused.errors["nonce"]})
        return await _gate_page(request, session, outcome, Direction(sent.direction), kept)


async def _gate_page(
    request: Request,
    session: GateSession,
    outcome: Outcome | None = None,
    direction: Direction = Direction.IN,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """The whole page, or for the scanner's script the result alone."""
    whole = request.headers.get("hx-request-type") != "partial"
    # What the service worker keeps on the device names nobody.
    for_the_device = "gate-shell" in request.headers
    answer = either(
        request,
        "checkin/gate.html",
        "checkin/_scan_result.html",
        422 if errors else 200,
        session=session,
        outcome=outcome,
        sentence=verdict_sentence(outcome.verdict, direction) if outcome else "",
        direction=direction,
        values=values or {},
        errors=errors or {},
        nonce=_PAGE_NONCE + uuid4().hex,
        companions=await _companions(session, outcome, direction),
        recent=await list_recent_scans(session.id) if whole and not for_the_device else [],
        asking=whole and (await what_is_asked(session.code)).at_door,
    )
    answer.headers["content-security-policy"] = content_policy(
        request.app.state.assets.importmap_source, wasm=True
    )
    return answer


async def _companions(
    session: GateSession, outcome: Outcome | None, direction: Direction
) -> Companions | None:
    """Those who may be checked in together with whoever was just let in."""
    came = outcome is not None and outcome.verdict == Verdict.ADMITTED and direction == Direction.IN
    return await find_companions(session.id, outcome.nonce) if outcome and came else None


async def _scan(request: Request, session: GateSession, sent: ScanForm) -> Scan:
    number = codes.read_ticket_number(sent.ticket)
    ticket = await find_ticket_by_number(session.id, number) if number else None
    code, signature = (ticket, None) if ticket else codes.read_any_ticket(sent.ticket)
    return Scan(
        session=session.code,
        ticket=code,
        signature=signature,
        nonce=_nonce(sent),
        direction=Direction(sent.direction),
        at=clock.now(),
        place=sent.place or session.gate_label or "",
        gate=session.gate,
        account=doorkeeper(request).account,
        address=address.get(),
        request_id=request_id.get(),
    )


def _nonce(sent: ScanForm) -> str:
    """A page without script can be filled again after Back: its nonce is good for one ticket and one direction."""
    if sent.nonce.startswith(_PAGE_NONCE):
        return codes.digest(f"{sent.nonce} {sent.direction} {sent.ticket}").hex()
    return sent.nonce or uuid4().hex
