"""A ticket's holder changes what they answered."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.registration.actions.answering import Change, begin_change, change_answers
from events_app.registration.actions.tickets import open_ticket
from events_app.registration.filled import LARGEST_WITH_FILES, read_filled, typed
from events_app.registration.forms import AnswersForm
from events_app.registration.queries import TicketRow
from events_app.registration.rules.consent import needs_birth_year
from events_app.registration.rules.terms import is_sensitive, notice
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.security import anyone


class AnsweringController(Controller):
    path = "/t/{ticket:str}/answers"
    guards = (anyone,)
    include_in_schema = False

    @get()
    async def edit(self, request: Request, ticket: FromPath[str]) -> Response:
        row, _seats = await open_ticket(ticket)
        change = await begin_change(row.registration)
        return _page(request, row, ticket, change, change.values, {})

    @post(request_max_body_size=LARGEST_WITH_FILES)
    async def update(self, request: Request, ticket: FromPath[str]) -> Response | Redirect:
        row, _seats = await open_ticket(ticket)
        change = await begin_change(row.registration)
        form = await request.form()
        filled, values = await read_filled(form), typed(form)
        try:
            done = await change_answers(row.registration, read_form(AnswersForm, form), filled)
        except BadForm as bad:
            return _page(request, row, ticket, change, values, bad.errors)
        if done.errors:
            return _page(request, row, ticket, change, values | done.values(), done.errors)
        return see_other(f"/t/{ticket}")


def _page(
    request: Request,
    row: TicketRow,
    address: str,
    change: Change,
    values: dict[str, Any],
    errors: dict[str, str],
) -> Response:
    terms = change.terms
    return page(
        request,
        "registration/answering.html",
        422 if errors else 200,
        ticket=row,
        address=address,
        session=change.row,
        terms=terms,
        renewed=change.renewed,
        notice=notice(terms, holder=row.organization_name, birth_year=needs_birth_year(change.row)),
        sensitive=is_sensitive(row.kind, terms),
        values=values,
        errors=errors,
    )
