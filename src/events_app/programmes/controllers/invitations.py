"""Asking guests and host schools, where they answer, and what is still open."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import organizer, staff
from events_app.accounts.rules import ORGANIZING
from events_app.lib import clock, qr
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import parted
from events_app.notifications.queries import list_messages, list_organizations_messages
from events_app.notifications.tables import Recipient
from events_app.programmes.actions import invitations as actions
from events_app.programmes.forms.invitations import AnswerForm, AskForm, ProposalForm
from events_app.programmes.queries import invitations as queries
from events_app.programmes.queries.feeds import list_organization_feeds
from events_app.programmes.queries.invitations import InvitationRow
from events_app.programmes.rules.invitations import (
    answer_name,
    closed_sentence,
    invitation_text,
    proposal_text,
)
from events_app.programmes.tables import Answer
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, page_number, row_id
from events_app.web.security import anyone
from events_app.web.templates import safe

_PAGE = 30
# The address is the key: it stays out of caches and of search engines.
_SECRET = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


class InvitationController(Controller):
    """What organisers ask; sessions of other organizations are not found."""

    path = "/manage"
    guards = (organizer,)
    include_in_schema = False

    @get("/invitations")
    async def index(self, request: Request, answer: FromQuery[str] = "") -> Response:
        organizations = request.user.organizations(ORGANIZING)
        answer = answer if answer in list(Answer) else ""
        query = (("answer", answer),) if answer else ()
        total = await queries.count_current(organizations, answer)
        paging = Paging("/manage/invitations", page_number(request), _PAGE, total, query)
        return page(
            request,
            "programmes/invitations.html",
            invitations=await queries.list_current(organizations, answer, _PAGE, paging.offset),
            paging=paging,
            values={"answer": answer},
            answers=[("", _("全部")), *((each.value, answer_name(each)) for each in Answer)],
        )

    @post("/sessions/{code:str}/invitations")
    async def create(self, request: Request, code: FromPath[str]) -> Redirect:
        sent = read_form(AskForm, await request.form())
        if sent.site:
            await actions.ask_site(request.user, code)
        else:
            await actions.invite_guests(request.user, code, sent.guest)
        return see_other(f"/manage/sessions/{code}#invitations")

    @get("/sessions/{code:str}/invitations/{invitation:str}")
    async def show(self, request: Request, code: FromPath[str], invitation: FromPath[str]) -> Response:
        found = await actions.own_invitation(request.user, code, row_id(invitation, 9))
        link = f"{request.app.state.settings.base_url}/invitations/{found.secret}"
        return page(
            request,
            "programmes/invitation_link.html",
            invitation=found,
            link=link,
            text=_text_to_send(found, link),
            qr=safe(qr.svg(link, "M")),
            closed=closed_sentence(found, clock.now()),
        )

    @post("/sessions/{code:str}/invitations/{invitation:str}/renewal")
    async def renew(self, request: Request, code: FromPath[str], invitation: FromPath[str]) -> Redirect:
        await actions.renew(request.user, code, row_id(invitation, 9))
        return see_other(f"/manage/sessions/{code}/invitations/{invitation}")


class AnswerController(Controller):
    """Where guests, schools and companies answer: by the link that they were sent, or logged in for their own."""

    path = "/invitations"
    include_in_schema = False

    @get("/", guards=[staff])
    async def index(self, request: Request) -> Response:
        mine = request.user.organizations()
        total = await queries.count_proposals(mine)
        paging = Paging("/invitations", page_number(request), _PAGE, total)
        return page(
            request,
            "programmes/proposals.html",
            proposals=await queries.list_proposals(mine, _PAGE, paging.offset),
            paging=paging,
            feeds=await list_organization_feeds(mine),
            messages=await list_organizations_messages(mine),
            now=clock.now(),
        )

    @get("/{secret:str}", guards=[anyone])
    async def show(self, request: Request, secret: FromPath[str]) -> Response:
        return await _answer_page(request, await actions.invitation_by(secret), {}, {})

    @post("/{secret:str}", guards=[anyone])
    async def answer(self, request: Request, secret: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.answer(secret, read_form(AnswerForm, form), request.user)
        except (BadForm, Invalid) as bad:
            return await _answer_again(request, secret, dict(form), bad.errors)
        except Refused as refused:
            return await _answer_again(request, secret, dict(form), {"": refused.sentence}, 409)
        return see_other(f"/invitations/{secret}")

    @post("/{secret:str}/proposal", guards=[anyone])
    async def propose(self, request: Request, secret: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.propose(secret, read_form(ProposalForm, form), request.user)
        except (BadForm, Invalid) as bad:
            return await _answer_again(request, secret, dict(form), bad.errors)
        except Refused as refused:
            return await _answer_again(request, secret, dict(form), {"": refused.sentence}, 409)
        return see_other(f"/invitations/{secret}")


async def _answer_again(
    request: Request, secret: str, values: dict[str, Any], errors: dict[str, str], status: int = 422
) -> Response:
    return await _answer_page(request, await actions.invitation_by(secret), values, errors, status)


async def _answer_page(
    request: Request,
    invitation: InvitationRow,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    kind = Recipient.ORGANIZATION if invitation.of_site else Recipient.GUEST
    recipient = invitation.asked or invitation.guest or 0
    answer = page(
        request,
        "programmes/invitation.html",
        status,
        invitation=invitation,
        closed=closed_sentence(invitation, clock.now()),
        messages=await list_messages(kind, recipient, invitation.session_code),
        values=values,
        errors=errors,
    )
    answer.headers.update(_SECRET)
    return answer


def _text_to_send(invitation: InvitationRow, link: str) -> str:
    place = parted(filter(None, (invitation.venue, invitation.address)))
    write = proposal_text if invitation.of_site else invitation_text
    return write(invitation, invitation.who, invitation.organization_name, place, link)
