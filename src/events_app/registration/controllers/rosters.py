"""Where a leader keeps a unit's list: by the link that they were sent, or logged in for their own school or company."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import staff
from events_app.lib import codes, qr
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.sheets import MEDIA_TYPE, file_name
from events_app.registration.actions import imports
from events_app.registration.actions import rosters as actions
from events_app.registration.forms import LeaderForm
from events_app.registration.queries import rosters as queries
from events_app.registration.queries.imports import list_open_imports
from events_app.registration.queries.rosters import RosterPerson, RosterRow
from events_app.registration.rules.roster_rows import Asking
from events_app.registration.rules.terms import is_sensitive
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import download, page, see_other
from events_app.web.paging import Paging, number, page_number, row_id
from events_app.web.security import anyone
from events_app.web.templates import safe

_PAGE = 50
_TICKETS = 48
_LONGEST = 2_000
# The address is the key: it stays out of caches and of search engines.
_SECRET = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


class RosterController(Controller):
    path = "/rosters"
    include_in_schema = False

    @get("/", guards=[staff])
    async def index(self, request: Request) -> Response:
        mine = request.user.organizations()
        rosters = await queries.list_organizations_rosters(mine)
        return page(request, "registration/rosters.html", rosters=rosters)

    @get("/{secret:str}", guards=[anyone])
    async def show(self, request: Request, secret: FromPath[str], words: FromQuery[str] = "") -> Response:
        roster = await actions.roster_by(secret)
        return await _roster_page(request, roster, words.strip()[:50], {}, {})

    @get("/{secret:str}/template.xlsx", guards=[anyone])
    async def template(self, secret: FromPath[str]) -> Response:
        roster = await actions.roster_by(secret)
        body = imports.template(await actions.asking_of(roster, []))
        return download(body, file_name(roster.unit, _("名单")), MEDIA_TYPE)

    @post("/{secret:str}/leader", guards=[anyone])
    async def change_leader(self, request: Request, secret: FromPath[str]) -> Response | Redirect:
        roster = await actions.roster_by(secret)
        try:
            sent = read_form(LeaderForm, await request.form())
        except BadForm as bad:
            return await _roster_page(request, roster, "", bad.values, bad.errors)
        await actions.change_leader(request.user, roster, sent)
        return see_other(f"/rosters/{secret}")

    @post("/{secret:str}/headcounts", guards=[anyone])
    async def set_headcounts(self, request: Request, secret: FromPath[str]) -> Response | Redirect:
        roster = await actions.roster_by(secret)
        form = await request.form()
        values = {name: str(value) for name, value in form.items() if name.startswith("heads-")}
        try:
            await actions.set_headcounts(request.user, roster, await _numbers(roster, values))
        except Invalid as invalid:
            return await _roster_page(request, roster, "", values, invalid.errors)
        return see_other(f"/rosters/{secret}#heads")

    @get("/{secret:str}/tickets", guards=[anyone])
    async def tickets(self, request: Request, secret: FromPath[str]) -> Response:
        roster = await actions.roster_by(secret)
        counts = await queries.count_people(roster.id)
        paging = Paging(f"/rosters/{secret}/tickets", page_number(request), _TICKETS, counts.holding)
        people = await queries.list_holders(roster.id, _TICKETS, paging.offset)
        tickets = [_ticket(request, person) for person in people]
        answer = page(
            request, "registration/roster_tickets.html", roster=roster, tickets=tickets, paging=paging
        )
        answer.headers.update(_SECRET)
        return answer

    @get("/{secret:str}/people/{person:str}/exchange", guards=[anyone])
    async def new_exchange(self, request: Request, secret: FromPath[str], person: FromPath[str]) -> Response:
        return await _exchange_page(request, secret, person, {}, {})

    @post("/{secret:str}/people/{person:str}/exchange", guards=[anyone])
    async def exchange(
        self, request: Request, secret: FromPath[str], person: FromPath[str]
    ) -> Response | Redirect:
        roster = await actions.roster_by(secret)
        form = await request.form()
        row = {name: str(value)[:_LONGEST] for name, value in form.items()}
        try:
            if not row.get("consent"):
                raise Invalid({"consent": _("请确认换上的人知道并同意。")})
            signer = codes.signer(request.app.state.settings.secret_key)
            await actions.exchange_person(request.user, roster, row_id(person), row, signer)
        except Invalid as invalid:
            return await _exchange_page(request, secret, person, row, invalid.errors)
        except Refused as refused:
            return await _exchange_page(request, secret, person, row, {"": refused.sentence}, 409)
        return see_other(f"/rosters/{secret}#people")

    @get("/{secret:str}/people/{person:str}/removal", guards=[anyone])
    async def new_removal(self, request: Request, secret: FromPath[str], person: FromPath[str]) -> Response:
        roster = await actions.roster_by(secret)
        found = await actions.person_on(roster, row_id(person))
        seats = actions.open_seats(found)
        return _secret(
            page(request, "registration/roster_removal.html", roster=roster, person=found, seats=seats)
        )

    @post("/{secret:str}/people/{person:str}/removal", guards=[anyone])
    async def remove(self, request: Request, secret: FromPath[str], person: FromPath[str]) -> Redirect:
        roster = await actions.roster_by(secret)
        await actions.remove_person(request.user, roster, row_id(person))
        return see_other(f"/rosters/{secret}#people")


async def _roster_page(
    request: Request, roster: RosterRow, words: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    counts = await queries.count_people(roster.id, words)
    query = (("words", words),) if words else ()
    paging = Paging(f"/rosters/{roster.secret}", page_number(request), _PAGE, counts.matching, query)
    people = await queries.list_people(roster.id, words, _PAGE, paging.offset)
    sessions = await queries.list_roster_sessions(roster.activity, roster.id)
    typed: dict[str, Any] = {"leader_name": roster.leader_name, "leader_phone": roster.leader_phone}
    typed |= {f"heads-{session.code}": session.heads or "" for session in sessions}
    answer = page(
        request,
        "registration/roster.html",
        422 if errors else 200,
        roster=roster,
        sessions=sessions,
        open=bool(await imports.open_sessions(roster)),
        people=[_shown(person) for person in people],
        counts=counts,
        paging=paging,
        words=words,
        imports=await list_open_imports(roster.id),
        quota=await actions.quota_for(roster),
        saved=number(request.query_params.get("saved", ""), -1),
        arrival=_arrival(request, roster),
        values=typed | values,
        errors=errors,
    )
    return _secret(answer)


def _arrival(request: Request, roster: RosterRow) -> str:
    """The code that the leader shows at the door, as an image; "" of a list without one."""
    address = f"{request.app.state.settings.base_url}/u/{roster.arrival_code}"
    return safe(qr.svg(address, "Q")) if roster.arrival_code else ""


async def _exchange_page(
    request: Request,
    secret: str,
    person: str,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 0,
) -> Response:
    roster = await actions.roster_by(secret)
    found = await actions.person_on(roster, row_id(person))
    asking = await actions.asking_of(roster, [])
    answer = page(
        request,
        "registration/roster_exchange.html",
        status or (422 if errors else 200),
        roster=roster,
        person=found,
        seats=actions.open_seats(found),
        fields=shown_fields(asking),
        sensitive=is_sensitive(roster.kind, asking.terms),
        values=values,
        errors=errors,
    )
    return _secret(answer)


def shown_fields(asking: Asking) -> list[dict[str, Any]]:
    """The cells of a row as a page shows them: their name, their label, and what may be written there."""
    labels = {
        "name": _("姓名"),
        "phone": _("手机号码"),
        "birth_year": _("出生年份"),
        "guardian_name": _("监护人姓名"),
        "guardian_phone": _("监护人手机"),
    }
    asked = {f"q-{question.code}": question for question in asking.questions}
    return [
        {
            "name": name,
            "label": asked[name].label if name in asked else labels[name],
            "required": name == "name"
            or (name in asked and asked[name].required and not asked[name].only_if),
            "options": [option.label for option in asked[name].options] if name in asked else [],
        }
        for name in asking.fields
    ]


async def _numbers(roster: RosterRow, values: dict[str, str]) -> dict[str, int]:
    """By session's code; of a course the one number that was typed counts everywhere. Raises Invalid."""
    numbers, errors = {}, {}
    for session in await queries.list_roster_sessions(roster.activity, roster.id):
        name = f"heads-{session.code}"
        if name in values:
            typed = values[name].strip() or "0"
            numbers[session.code] = number(typed, -1, digits=5)
            if numbers[session.code] < 0:
                errors[name] = _("请填写人数，如45；没有就留空。")
    if errors:
        raise Invalid(errors)
    return numbers


def _shown(person: RosterPerson) -> dict[str, Any]:
    ticket = codes.ticket_text(person.ticket, person.signature)
    return {"row": person, "ticket": ticket, "open": actions.open_seats(person)}


def _ticket(request: Request, person: RosterPerson) -> dict[str, Any]:
    text = codes.ticket_text(person.ticket, person.signature)
    return {
        "row": person,
        "number": codes.ticket_number(person.ticket),
        "qr": safe(qr.svg(f"{request.app.state.settings.base_url}/t/{text}", "Q")),
    }


def _secret(answer: Response) -> Response:
    answer.headers.update(_SECRET)
    return answer
