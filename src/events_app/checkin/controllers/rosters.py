"""The list at the door: a touch lets somebody in whose ticket is at home."""

from urllib.parse import urlencode
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.rules import ORGANIZING, Me
from events_app.checkin.actions import rosters as actions
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.actions.undoing import undo_attendance
from events_app.checkin.forms.rosters import TickForm, UntickForm
from events_app.checkin.guards import at_the_door, door_session, doorkeeper
from events_app.checkin.queries import rosters as queries
from events_app.checkin.queries.admitting import Outcome
from events_app.checkin.queries.rosters import Line
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Verdict
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.registration.actions.answers import what_is_asked
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, page_number, row_id

_PAGE = 50
_SHOW = ("absent", "present")


class TickController(Controller):
    """Sessions of other organizations, and people of other sessions, are not found."""

    path = "/gate/{code:str}/roster"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        return await _roster_page(request, await hand_at(request, code))

    @post("/{seat:str}")
    async def create(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response | Redirect:
        hand = await hand_at(request, code)
        line = await _line(hand, seat)
        try:
            sent = read_form(TickForm, await request.form())
            outcome = await actions.tick(hand, line, sent.nonce)
        except (BadForm, Invalid):
            wrong = _("这一次没有登记。请刷新名单，再点一次。")
            return await _roster_page(request, hand, {line.seat: wrong}, 422)
        return await _ticked(request, hand, line.seat, outcome)

    @get("/{seat:str}/undo")
    async def edit(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response:
        hand = await hand_at(request, code)
        return _undo_page(request, hand, await _line(hand, seat), {"reason": _("点错了")}, {})

    @post("/{seat:str}/undo")
    async def remove(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response | Redirect:
        hand = await hand_at(request, code)
        line = await _line(hand, seat)
        try:
            sent = read_form(UntickForm, await request.form())
            await undo_attendance(hand, line, sent.nonce, sent.reason)
        except BadForm as bad:
            return _undo_page(request, hand, line, bad.values, bad.errors, 422)
        except Refused as refused:
            values = {"reason": sent.reason}
            return _undo_page(request, hand, line, values, {"reason": refused.sentence}, 409)
        return see_other(_address(request, hand, line.seat))


async def hand_at(request: Request, code: str) -> Hand:
    """Who acts at this session's door; raises NotFound where it is not theirs."""
    session = await door_session(request, code)
    me = request.scope.get("user")
    own = me.organizations(ORGANIZING) if isinstance(me, Me) else []
    organiser = bool(own) and await queries.is_organised_by(session.id, own)
    return Hand(session, doorkeeper(request).account, organiser)


async def _line(hand: Hand, seat: str) -> Line:
    line = await queries.find_line(hand.session.id, row_id(seat))
    if line is None:
        raise NotFound(_("这个人不在本场名单上，或者已经取消。"), "unknown")
    return line


async def _ticked(request: Request, hand: Hand, seat: int, outcome: Outcome) -> Response | Redirect:
    """For htmx the row and the count; else back to the list, or the list with what is wrong."""
    came = outcome.verdict in (Verdict.ADMITTED, Verdict.ALREADY_IN)
    problem = "" if came else verdict_sentence(outcome.verdict)
    if request.headers.get("hx-request-type") != "partial":
        if came:
            return see_other(_address(request, hand, seat))
        return await _roster_page(request, hand, {seat: problem}, 409)
    answer = page(
        request,
        "checkin/_roster_ticked.html",
        session=hand.session,
        line=await _line(hand, str(seat)),
        attended=outcome.attended,
        problems={seat: problem} if problem else {},
        nonce=uuid4().hex,
        query=_query(request),
    )
    answer.headers["vary"] = "HX-Request-Type"
    return answer


async def _roster_page(
    request: Request, hand: Hand, problems: dict[int, str] | None = None, status: int = 200
) -> Response:
    session = hand.session
    words, show = _asked(request)
    search = await actions.search(session.id, words, show)
    counts = await queries.count_lines(session.id, search)
    path = f"/gate/{session.code}/roster"
    query = tuple((name, value) for name, value in (("words", words), ("show", show)) if value)
    paging = Paging(path, page_number(request), _PAGE, counts.matching, query)
    return page(
        request,
        "checkin/roster.html",
        status,
        session=session,
        lines=await queries.list_lines(session.id, search, _PAGE, paging.offset),
        counts=counts,
        paging=paging,
        words=words,
        show=show,
        query=_query(request),
        problems=problems or {},
        nonce=uuid4().hex,
        asking=(await what_is_asked(session.code)).at_door,
    )


def _undo_page(
    request: Request,
    hand: Hand,
    line: Line,
    values: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "checkin/roster_undo.html",
        status,
        session=hand.session,
        line=line,
        values=values,
        errors=errors,
        nonce=uuid4().hex[:30],
        query=_query(request),
        organiser=hand.organiser,
    )


def _asked(request: Request) -> tuple[str, str]:
    """What is looked for, and who of them is shown."""
    words = request.query_params.get("words", "").strip()[:50]
    show = request.query_params.get("show", "")
    return words, show if show in _SHOW else ""


def _query(request: Request) -> str:
    """By which the same part of the list is shown again: with its question mark, or "" for its beginning."""
    words, show = _asked(request)
    number = page_number(request)
    parts = {"words": words, "show": show, "page": str(number) if number > 1 else ""}
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"?{query}" if query else ""


def _address(request: Request, hand: Hand, seat: int) -> str:
    return f"/gate/{hand.session.code}/roster{_query(request)}#seat-{seat}"
