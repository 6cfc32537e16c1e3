"""Groups at the door: a unit with its leader's code, or people who registered together."""

from typing import Any
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.rules import Me
from events_app.checkin.actions import rosters as actions
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.controllers.rosters import hand_at
from events_app.checkin.forms.rosters import ArrivalForm
from events_app.checkin.guards import at_the_door
from events_app.checkin.queries import arrivals as queries
from events_app.checkin.queries.arrivals import Arriving, Member
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Verdict
from events_app.lib import qr
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.registration.tables import SeatState
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import row_id
from events_app.web.security import anyone
from events_app.web.templates import safe


class ArrivalController(Controller):
    """Units of other activities are not found, nor are people of other sessions."""

    path = "/gate/{code:str}"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/units/{arrival:str}")
    async def show_unit(
        self, request: Request, code: FromPath[str], arrival: FromPath[str], came: FromQuery[str] = ""
    ) -> Response:
        hand = await hand_at(request, code)
        unit = await _unit(hand, arrival)
        return await _page(request, hand, unit, await _members(hand, unit), {"came": came}, {})

    @post("/units/{arrival:str}")
    async def create_unit(
        self, request: Request, code: FromPath[str], arrival: FromPath[str]
    ) -> Response | Redirect:
        hand = await hand_at(request, code)
        unit = await _unit(hand, arrival)
        return await _arrived(request, hand, unit, await _members(hand, unit))

    @get("/parties/{seat:str}")
    async def show_party(
        self, request: Request, code: FromPath[str], seat: FromPath[str], came: FromQuery[str] = ""
    ) -> Response:
        hand = await hand_at(request, code)
        return await _page(request, hand, None, await _party(hand, seat), {"came": came}, {})

    @post("/parties/{seat:str}")
    async def create_party(
        self, request: Request, code: FromPath[str], seat: FromPath[str]
    ) -> Response | Redirect:
        hand = await hand_at(request, code)
        return await _arrived(request, hand, None, await _party(hand, seat))


class ArrivalCodeController(Controller):
    """What the leader shows at the door, opened by somebody's own phone."""

    include_in_schema = False

    @get("/u/{arrival:str}", guards=[anyone])
    async def show(self, request: Request, arrival: FromPath[str]) -> Response:
        shown = await queries.find_shown(arrival.upper())
        if shown is None:
            raise NotFound(_("没有这个到场码，或者名单已作废。请向组织者要新的链接。"), "unknown")
        address = f"{request.app.state.settings.base_url}/u/{arrival.upper()}"
        answer = page(request, "checkin/arrival_code.html", shown=shown, qr=safe(qr.svg(address, "Q")))
        answer.headers.update({"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"})
        return answer


async def _unit(hand: Hand, arrival: str) -> Arriving:
    unit = await queries.find_arriving(hand.session.id, arrival.upper())
    if unit is None:
        raise NotFound(
            _("这个到场码不是本场活动的，或者名单已作废。请核对场次，也可以在名单上按单位查找。"), "unknown"
        )
    return unit


async def _members(hand: Hand, unit: Arriving) -> list[Member]:
    return await queries.list_unit(hand.session.id, unit.roster)


async def _party(hand: Hand, seat: str) -> list[Member]:
    members = await queries.list_party(hand.session.id, row_id(seat))
    if not members:
        raise NotFound(_("这个人没有同行的人，或者不在本场名单上。"), "unknown")
    return members


async def _arrived(
    request: Request, hand: Hand, unit: Arriving | None, members: list[Member]
) -> Response | Redirect:
    form = await request.form()
    try:
        sent = read_form(ArrivalForm, form)
        chosen = set(sent.seat)
        here = [one for one in members if one.seat in chosen and _can_come(one)]
        outcomes = await actions.arrive(hand, here, sent.nonce)
        if unit and isinstance(sent.heads, int):
            me = request.scope.get("user")
            await actions.count_heads(me if isinstance(me, Me) else None, hand, unit, sent.heads)
    except BadForm as bad:
        return await _page(request, hand, unit, members, bad.values, bad.errors, 422)
    except Invalid as invalid:
        return await _page(request, hand, unit, members, dict(form), invalid.errors, 422)
    refused = {outcome.verdict for outcome in outcomes} - {Verdict.ADMITTED, Verdict.ALREADY_IN}
    if refused:
        sentences = " ".join(verdict_sentence(verdict) for verdict in sorted(refused))
        return await _page(request, hand, unit, members, dict(form), {"": sentences}, 409)
    came = sum(outcome.verdict == Verdict.ADMITTED for outcome in outcomes)
    return see_other(f"{request.url.path}?came={came}")


def _can_come(member: Member) -> bool:
    return member.state == SeatState.CONFIRMED and not member.inside


async def _page(
    request: Request,
    hand: Hand,
    unit: Arriving | None,
    members: list[Member],
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    chosen = {str(seat) for seat in _list(values.get("seat"))} if errors else None
    came = str(values.get("came", ""))
    heads = values.get("heads")
    if heads is None and unit:
        heads = unit.heads if unit.heads_in is None else unit.heads_in
    return page(
        request,
        "checkin/arrival.html",
        status,
        session=hand.session,
        unit=unit,
        coming=[
            {"row": one, "ticked": chosen is None or str(one.seat) in chosen}
            for one in members
            if _can_come(one)
        ],
        inside=[one for one in members if one.inside],
        others=[one for one in members if not one.inside and not _can_come(one)],
        came=int(came) if came.isdecimal() and len(came) < 6 else -1,
        values={"heads": heads},
        errors=errors,
        nonce=uuid4().hex,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
