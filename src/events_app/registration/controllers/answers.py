"""Answers of people, for those who organise and for the door; and the files among them."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import gate_staff, organizer
from events_app.lib import codes
from events_app.lib.errors import NotFound
from events_app.registration import queries
from events_app.registration.actions import door as actions
from events_app.registration.actions.attachments import download_own
from events_app.registration.actions.door import AtDoor
from events_app.registration.filled import LARGEST_WITH_FILES, read_filled, typed
from events_app.registration.queries.attachments import File, find_file_of
from events_app.web.pages import download, page, see_other
from events_app.web.paging import Paging, page_number, row_id
from events_app.web.security import anyone

_PAGE = 50


class DoorController(Controller):
    """For gate staff as well as organisers; sessions of others are not found."""

    path = "/manage/sessions/{code:str}"
    guards = (gate_staff,)
    include_in_schema = False

    @get("/door")
    async def index(self, request: Request, code: FromPath[str], words: FromQuery[str] = "") -> Response:
        session = await actions.gate_session(request.user, code)
        words = words.strip()[:50]
        tally = await queries.tally(session.id, words)
        query = (("words", words),) if words else ()
        paging = Paging(f"/manage/sessions/{code}/door", page_number(request), _PAGE, tally.matching, query)
        people = await queries.list_attendees(session.id, words, _PAGE, paging.offset)
        return page(
            request,
            "registration/door.html",
            session=session,
            people=people,
            states=await actions.door_states(session.id, [person.seat for person in people]),
            paging=paging,
            words=words,
        )

    @get("/seats/{seat:str}/answers")
    async def edit(
        self, request: Request, code: FromPath[str], seat: FromPath[str], saved: FromQuery[str] = ""
    ) -> Response:
        door = await actions.read_seat(request.user, code, row_id(seat))
        return _page(request, door, door.values, {}, saved=bool(saved))

    @post("/seats/{seat:str}/answers", request_max_body_size=LARGEST_WITH_FILES)
    async def update(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response | Redirect:
        door = await actions.read_seat(request.user, code, row_id(seat))
        form = await request.form()
        done = await actions.answer_at_door(request.user, door, await read_filled(form))
        if done.errors:
            return _page(request, door, typed(form) | done.values(), done.errors)
        return see_other(f"/manage/sessions/{code}/seats/{seat}/answers?saved=yes")


class FileController(Controller):
    """Files that answer questions, as downloads: nothing that people upload is shown as a page of ours."""

    include_in_schema = False

    @get("/manage/attachments/{code:str}", guards=[organizer])
    async def show_own(self, request: Request, code: FromPath[str]) -> Response[bytes]:
        return _download(await download_own(request.user, code))

    @get("/t/{ticket:str}/attachments/{code:str}", guards=[anyone])
    async def show(self, ticket: FromPath[str], code: FromPath[str]) -> Response[bytes]:
        read = codes.read_ticket(ticket)
        row = await queries.find_ticket(*read) if read else None
        file = await find_file_of(row.registration, code) if row else None
        if file is None:
            raise NotFound
        return _download(file)


def _download(file: File) -> Response[bytes]:
    return download(file.content, file.name, file.media_type)


def _page(
    request: Request, door: AtDoor, values: dict[str, Any], errors: dict[str, str], *, saved: bool = False
) -> Response:
    return page(
        request,
        "registration/answers.html",
        422 if errors else 200,
        door=door,
        values=values,
        errors=errors,
        saved=saved,
    )
