"""The log of a session's doors."""

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.accounts.guards import organizer
from events_app.checkin.queries.scan_log import LogSearch, count_log, list_log
from events_app.checkin.rules.verdicts import verdict_name
from events_app.checkin.tables import Verdict
from events_app.lib.language import gettext as _
from events_app.registration.actions.sessions import own_session
from events_app.web.pages import page
from events_app.web.paging import Paging, page_number

_PAGE = 50


class ScanLogController(Controller):
    """For organisers only; those of other organizations find nothing."""

    path = "/manage/sessions/{code:str}/scans"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        shows = _shows()
        words, show = (request.query_params.get(name, "").strip()[:50] for name in ("words", "show"))
        search = LogSearch(words.replace("\0", ""), show if show in dict(shows) else "")
        asked = {"words": search.words, "show": search.show}
        query = tuple((name, value) for name, value in asked.items() if value)
        total = await count_log(session.id, search)
        paging = Paging(f"/manage/sessions/{session.code}/scans", page_number(request), _PAGE, total, query)
        return page(
            request,
            "checkin/scans.html",
            session=session,
            scans=await list_log(session.id, search, _PAGE, paging.offset),
            search=asked,
            shows=shows,
            paging=paging,
        )


def _shows() -> list[tuple[str, str]]:
    verdicts = [(verdict.value, verdict_name(verdict)) for verdict in Verdict if verdict != Verdict.TOO_LATE]
    return [("", _("所有扫码")), *verdicts, ("offline", _("没有网络时的")), ("undo", _("撤销"))]
