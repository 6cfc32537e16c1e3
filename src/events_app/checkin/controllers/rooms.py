"""The room: everything of one session on the day."""

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.accounts.guards import organizer
from events_app.checkin.queries.conflicts import count_conflicts
from events_app.checkin.queries.rooms import find_room
from events_app.registration.actions.answers import what_is_asked
from events_app.registration.actions.sessions import own_session
from events_app.web.pages import either


class RoomController(Controller):
    """Of other organizations' sessions there is none."""

    path = "/manage/sessions/{code:str}/check-in"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        """The whole page, or for htmx its numbers alone."""
        session = await own_session(request.user, code)
        return either(
            request,
            "checkin/room.html",
            "checkin/_room_now.html",
            session=session,
            room=await find_room(session.id),
            strange=await count_conflicts(session.id),
            asking=(await what_is_asked(code)).at_door,
        )
