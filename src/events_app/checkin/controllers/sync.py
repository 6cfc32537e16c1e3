"""What a gate keeps for when there is no network, and what it brings when there is one again."""

import hashlib
from base64 import b64encode
from datetime import datetime

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from events_app.checkin.actions import admitting as actions
from events_app.checkin.forms.sync import SyncedScan
from events_app.checkin.guards import at_the_door, door_session, doorkeeper
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.lists import (
    Listed,
    Standing,
    find_standing,
    list_numbered,
    list_seats,
)
from events_app.checkin.queries.sessions import Doorkeeper, GateSession, find_gate_session, list_closed_gates
from events_app.checkin.rules.clocks import happened_at
from events_app.checkin.rules.gates import closed_reason
from events_app.checkin.rules.lists import masked_name, number_name, ticket_name
from events_app.checkin.rules.verdicts import verdict_colour, verdict_name, verdict_sentence
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.errors import Forbidden, Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.web.api import read_any
from events_app.web.errors import described, problem_body
from events_app.web.forms import LARGEST_BATCH_BODY, instant, read_values

_LARGEST_SYNC = 500


class Door(msgspec.Struct, frozen=True):
    """Where the scans were made. `closed`: the gate is none any more; what it let in before still arrives."""

    code: str
    keeper: Doorkeeper
    gate: int | None
    label: str
    closed: Forbidden | None


class SyncController(Controller):
    """Sessions of other organizations are not found. Errors are problems in JSON: opt["json"]."""

    path = "/gate/{code:str}"
    guards = (at_the_door,)
    include_in_schema = False
    opt = {"json": True}  # noqa: RUF012 – as Litestar declares it

    @get("/list.json")
    async def show(self, request: Request, code: FromPath[str]) -> Response[bytes]:
        session = await door_session(request, code)
        body = _listed(session, await list_seats(session.id), request.app.state.settings.secret_key)
        tag = f'"{hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:20]}"'
        headers = {"etag": tag, "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status_code=304, headers=headers)
        made = msgspec.json.encode(body | {"made_at": clock.now()})
        return Response(made, media_type="application/json", headers=headers)

    @post("/sync", status_code=200, request_max_body_size=LARGEST_BATCH_BODY)
    async def create(self, request: Request, code: FromPath[str]) -> dict[str, object]:
        door = await _door(doorkeeper(request), code)
        sent_at, rows = _read_body(await read_any(request))
        read = [_read_row(row) for row in rows]
        scans = await _scans(door, [row for row in read if isinstance(row, SyncedScan)], sent_at)
        outcomes = iter(await actions.admit_all([scan for scan in scans if isinstance(scan, Scan)]))
        told = iter([next(outcomes) if isinstance(scan, Scan) else scan for scan in scans])
        answers = [
            _answer(door, row, next(told)) if isinstance(row, SyncedScan) else _problem(raw, row)
            for raw, row in zip(rows, read, strict=True)
        ]
        return {"answers": answers, "session": await find_standing(code)}


def _listed(session: GateSession, seats: list[Listed], secret: bytes) -> dict[str, object]:
    hours = {
        name: getattr(session, name)
        for name in ("starts_at", "ends_at", "check_in_opens_at", "check_in_closes_at")
    }
    standing = Standing(
        session.attended, session.expected, bool(session.postponed_at), bool(session.called_off_at)
    )
    about = {"code": session.code, "title": session.title or session.activity_title}
    return {
        "session": about | hours | msgspec.structs.asdict(standing),
        "key": b64encode(codes.signer(secret).public_key()).decode(),
        "label": session.gate_label or "",
        "seats": [_line(seat) for seat in seats],
    }


def _line(seat: Listed) -> dict[str, object]:
    names = {"h": ticket_name(seat.ticket), "n": number_name(seat.ticket), "name": masked_name(seat.name)}
    return names | {"unit": seat.unit, "state": seat.state, "inside": seat.inside, "at": seat.at}


async def _door(keeper: Doorkeeper, code: str) -> Door:
    session = await find_gate_session(code, keeper)
    if session:
        return Door(code, keeper, session.gate, session.gate_label or "", None)
    closed = await list_closed_gates(code, [gate.id for gate in keeper.gates])
    if not closed:
        raise NotFound(_("没有这个场次，或者您的账号不能在此签到。"), "unknown_session")
    reason, sentence = closed_reason(closed[0], clock.now())
    return Door(code, keeper, closed[0].id, closed[0].label, Forbidden(sentence, reason))


def _read_body(body: object) -> tuple[datetime | None, list[object]]:
    if not isinstance(body, dict) or not isinstance(rows := body.get("scans"), list):
        raise Invalid({"body": _("请发送一个JSON对象。")})
    if len(rows) > _LARGEST_SYNC:
        raise Invalid({"scans": _("请发送一个最多%(most)s项的JSON数组。", most=_LARGEST_SYNC)})
    try:
        return instant().read(body.get("sent_at")), rows
    except ValueError as wrong:
        raise Invalid({"sent_at": str(wrong)}) from None


def _read_row(row: object) -> SyncedScan | Invalid:
    try:
        if not isinstance(row, dict):
            raise Invalid({"body": _("请发送一个JSON对象。")})
        return read_values(SyncedScan, row)
    except Invalid as invalid:
        return invalid


async def _scans(door: Door, rows: list[SyncedScan], sent_at: datetime | None) -> list[Scan | Exception]:
    numbers = {row.nonce: number for row in rows if (number := codes.read_ticket_number(row.ticket))}
    tickets = await list_numbered(door.code, sorted(set(numbers.values()))) if numbers else {}
    return [_scan(door, row, sent_at, tickets.get(numbers.get(row.nonce, ""))) for row in rows]


def _scan(door: Door, row: SyncedScan, sent_at: datetime | None, ticket: str | None) -> Scan | Exception:
    if door.closed and not row.offline:
        return door.closed
    code, signature = (ticket, None) if ticket else codes.read_any_ticket(row.ticket)
    now = clock.now()
    return Scan(
        session=door.code,
        ticket=code,
        signature=signature,
        nonce=row.nonce,
        direction=row.direction,
        at=happened_at(row.device_at, sent_at, now) if row.offline else now,
        offline=row.offline,
        shown=Verdict(row.shown or Verdict.ADMITTED),
        device_at=row.device_at,
        sent_at=sent_at,
        place=row.place or door.label,
        gate=door.gate,
        account=door.keeper.account,
        undoes=row.undoes or None,
        address=address.get(),
        request_id=request_id.get(),
    )


def _answer(door: Door, row: SyncedScan, outcome: Outcome | BaseException) -> dict[str, object]:
    """In the words of the gate's page. A gate that is closed hears no whole names any more."""
    if not isinstance(outcome, Outcome):
        return _problem({"nonce": row.nonce}, outcome)
    return {
        "nonce": outcome.nonce,
        "verdict": outcome.verdict,
        "kind": verdict_colour(outcome.verdict),
        "word": _word(row.direction, outcome.verdict),
        "sentence": verdict_sentence(outcome.verdict, row.direction),
        "holder": masked_name(outcome.holder or "") if door.closed else outcome.holder or "",
        "unit": outcome.unit or "",
        "at": outcome.at,
        "first_at": outcome.first_at,
        "attended": outcome.attended,
        "expected": outcome.expected,
    }


def _word(direction: Direction, verdict: Verdict) -> str:
    if verdict != Verdict.ADMITTED or direction == Direction.IN:
        return verdict_name(verdict)
    return _("已离场") if direction == Direction.OUT else _("已撤销")


def _problem(raw: object, error: BaseException) -> dict[str, object]:
    if not isinstance(error, Exception):
        raise error
    status, reason, detail, facts = described(error)
    if status >= 500:  # nothing was decided: the device brings it again
        raise error
    nonce = raw.get("nonce") if isinstance(raw, dict) else None
    return {"nonce": nonce, "problem": problem_body(status, reason, detail, facts)}
