"""Checking in by script."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Request, Response, post

from events_app.accounts.guards import remembered_bearer
from events_app.checkin.actions import admitting as actions
from events_app.checkin.forms.scans import CheckInBody
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.rules.clocks import happened_at
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.web.api import read_any, read_json, takes
from events_app.web.errors import PROBLEM, described, problem_body
from events_app.web.forms import LARGEST_BATCH_BODY, read_values

_LARGEST_BATCH = 500


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


def _sent_scan(request: Request, body: CheckInBody) -> Scan:
    code, signature = codes.read_any_ticket(body.ticket)
    now = clock.now()
    return Scan(
        session=body.session,
        ticket=code,
        signature=signature,
        nonce=body.nonce,
        direction=Direction(body.direction),
        at=happened_at(body.at, body.sent_at, now) if body.offline else now,
        offline=body.offline,
        device_at=body.at,
        sent_at=body.sent_at,
        place=body.place,
        account=request.user.account,
        token=request.user.credential,
        address=address.get(),
        request_id=request_id.get(),
    )


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
