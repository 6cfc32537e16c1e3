"""The gate's page, and checking in by script."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from events_app.accounts.guards import gate_staff, remembered_bearer
from events_app.accounts.rules import AT_THE_GATE
from events_app.checkin import actions, queries
from events_app.checkin.forms import CheckInBody, ScanForm
from events_app.checkin.queries import GateSession, Outcome, Scan
from events_app.checkin.rules import verdict_sentence
from events_app.checkin.stored import stored_of
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.registration.actions.answers import what_is_asked
from events_app.web.api import read_any, read_json, takes
from events_app.web.errors import PROBLEM, described, problem_body
from events_app.web.forms import LARGEST_BATCH_BODY, BadForm, read_form, read_values
from events_app.web.pages import download, either, page
from events_app.web.phones import phone_secret
from events_app.web.security import anyone, content_policy

_LARGEST_BATCH = 500
_PAGE_NONCE = "page-"
_CLOCKS_DIFFER = timedelta(minutes=5)


class GateController(Controller):
    """What gate staff see; sessions of other organizations are not found."""

    path = "/gate"
    guards = (gate_staff,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        sessions = await queries.list_gate_sessions(request.user.organizations(AT_THE_GATE))
        return page(request, "checkin/gates.html", sessions=sessions)

    @get("/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _gate_page(request, await _gate_session(request, code))

    @post("/{code:str}/scans")
    async def create(self, request: Request, code: FromPath[str]) -> Response:
        session = await _gate_session(request, code)
        try:
            sent = read_form(ScanForm, await request.form())
        except BadForm as bad:
            return await _gate_page(request, session, values=bad.values, errors=bad.errors)
        kept = {"direction": sent.direction, "gate": sent.gate}
        try:
            outcome = await actions.admit(await _scan(request, session, sent))
        except Invalid as reused:
            return await _gate_page(request, session, values=kept, errors={"ticket": reused.errors["nonce"]})
        return await _gate_page(request, session, outcome, sent.direction, kept)


class MyDataController(Controller):
    """What is stored about whoever registered with this phone."""

    include_in_schema = False

    @get("/my/data", guards=[anyone])
    async def show(self, request: Request) -> Response:
        return page(request, "checkin/my_data.html", stored=await stored_of(phone_secret(request)))

    @get("/my/data.json", guards=[anyone])
    async def export(self, request: Request) -> Response[bytes]:
        body = msgspec.json.format(msgspec.json.encode(await stored_of(phone_secret(request))))
        return download(body, "my-data.json", "application/json")


class CheckedIn(msgspec.Struct):
    """The answer to an admitted scan. `attended` of `expected` are in."""

    verdict: Verdict
    holder: str
    unit: str
    at: datetime
    attended: int
    expected: int


class CheckInApi(Controller):
    path = "/api/v1/check-ins"
    guards = (remembered_bearer,)
    tags = ("check-in",)

    @post("/", summary="Check one ticket in or out", operation_class=takes(CheckInBody))
    async def create(self, request: Request) -> Response[Any]:
        outcome = await actions.admit(_sent_scan(request, await read_json(CheckInBody, request)))
        status, body = _answer(outcome)
        media_type = "application/json" if status < 300 else PROBLEM
        return Response(body, status_code=status, media_type=media_type)

    @post(
        "/batch",
        summary="Check many tickets in, in order; one bad row spoils no other",
        status_code=200,
        request_max_body_size=LARGEST_BATCH_BODY,
        operation_class=takes(CheckInBody, at_most=_LARGEST_BATCH),
    )
    async def create_batch(self, request: Request) -> list[dict[str, object]]:
        rows = await read_any(request)
        if not isinstance(rows, list) or len(rows) > _LARGEST_BATCH:
            raise Invalid({"body": _("请发送一个最多%(most)s项的JSON数组。", most=_LARGEST_BATCH)})
        scans = [_sent_row(request, row) for row in rows]
        outcomes = iter(await actions.admit_all([scan for scan in scans if isinstance(scan, Scan)]))
        return [_row_answer(next(outcomes) if isinstance(scan, Scan) else scan) for scan in scans]


async def _gate_session(request: Request, code: str) -> GateSession:
    session = await queries.find_gate_session(code, request.user.organizations(AT_THE_GATE))
    if session is None:
        raise NotFound(_("没有这个场次，或者您的账号不能在此签到。"), "unknown_session")
    return session


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
        recent=await queries.list_recent_scans(session.id) if whole else [],
        asking=whole and (await what_is_asked(session.code)).at_door,
    )
    answer.headers["content-security-policy"] = content_policy(
        request.app.state.assets.importmap_source, wasm=True
    )
    return answer


async def _scan(request: Request, session: GateSession, sent: ScanForm) -> Scan:
    number = codes.read_ticket_number(sent.ticket)
    ticket = await queries.find_ticket_by_number(session.id, number) if number else None
    code, signature = (ticket, None) if ticket else _readable(sent.ticket)
    return Scan(
        session=session.code,
        ticket=code,
        signature=signature,
        nonce=_nonce(sent),
        direction=sent.direction,
        at=clock.now(),
        offline=False,
        gate=sent.gate,
        account=request.user.account,
        token=None,
        address=address.get(),
        request_id=request_id.get(),
    )


def _nonce(sent: ScanForm) -> str:
    """A page without script can be filled again after Back: its nonce is good for one ticket and one direction."""
    if sent.nonce.startswith(_PAGE_NONCE):
        return codes.digest(f"{sent.nonce} {sent.direction} {sent.ticket}").hex()
    return sent.nonce or uuid4().hex


def _sent_scan(request: Request, body: CheckInBody) -> Scan:
    code, signature = _readable(body.ticket)
    return Scan(
        session=body.session,
        ticket=code,
        signature=signature,
        nonce=body.nonce,
        direction=body.direction,
        at=_time(body),
        offline=body.offline,
        gate="",
        account=request.user.account,
        token=request.user.credential,
        address=address.get(),
        request_id=request_id.get(),
    )


def _time(body: CheckInBody) -> datetime:
    """Ours, but for a device that was offline; raises Invalid for one whose clock runs ahead."""
    now = clock.now()
    if not (body.offline and body.at):
        return now
    if body.at > now + _CLOCKS_DIFFER:
        raise Invalid({"at": _("这个时间还没有到。请校准设备的时钟。")})
    return body.at


def _readable(text: str) -> tuple[str, bytes]:
    """Code and signature; for what is no ticket its beginning, with a signature that fits nothing."""
    return codes.read_ticket(text) or (text[: codes.TICKET_LENGTH], b"")


def _sent_row(request: Request, row: object) -> Scan | Invalid:
    try:
        if not isinstance(row, dict):
            raise Invalid({"body": _("请发送一个JSON对象。")})
        return _sent_scan(request, read_values(CheckInBody, row))
    except Invalid as invalid:
        return invalid


def _row_answer(outcome: Outcome | BaseException) -> dict[str, object]:
    if isinstance(outcome, Outcome):
        status, body = _answer(outcome)
        return {"nonce": outcome.nonce, "status": status, **body}
    if isinstance(outcome, Exception):
        return problem_body(*described(outcome))
    raise outcome


def _answer(outcome: Outcome) -> tuple[int, dict[str, object]]:
    """201 for admitted, 200 for its repetition, 404 for no ticket of ours, 409 for every other no."""
    if outcome.verdict == Verdict.ADMITTED:
        body = CheckedIn(
            outcome.verdict,
            outcome.holder or "",
            outcome.unit or "",
            clock.local(outcome.at),
            outcome.attended,
            outcome.expected,
        )
        return 200 if outcome.replayed else 201, msgspec.structs.asdict(body)
    status = 404 if outcome.verdict == Verdict.UNKNOWN else 409
    facts: dict[str, object] = {"first_at": clock.local(outcome.first_at)} if outcome.first_at else {}
    return status, problem_body(status, outcome.verdict, verdict_sentence(outcome.verdict), facts)
