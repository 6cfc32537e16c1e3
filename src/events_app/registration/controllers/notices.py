"""Where organisers write what people agree to, and read which version they agreed to."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, Refused
from events_app.registration.actions import builder as actions
from events_app.registration.actions.builder import TermsConflict, own_terms
from events_app.registration.forms import NoticeForm, VersionForm
from events_app.registration.queries.terms import Version, list_versions
from events_app.registration.rules.differences import differences
from events_app.registration.rules.terms import SENSITIVE_KINDS, data_holder, is_sensitive, notice
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other

_LATEST_VERSIONS = 10


class PastVersion(msgspec.Struct, frozen=True):
    """A version with its notice, and what it changed against the one listed before it."""

    version: Version
    notice: str
    changes: list[str]


class NoticeController(Controller):
    """Of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/notice"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        return await _notice_page(request, code, None, {}, saved=bool(request.query_params.get("saved")))

    @post("/")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.change_notice(request.user, code, read_form(NoticeForm, form))
        except (BadForm, Invalid, Refused) as bad:
            return await _notice_page(request, code, dict(form), bad.errors, bad=bad)
        return see_other(f"/manage/activities/{code}/notice?saved=yes")

    @post("/versions/{number:int}/restoration")
    async def restore(
        self, request: Request, code: FromPath[str], number: FromPath[int]
    ) -> Response | Redirect:
        try:
            sent = read_form(VersionForm, await request.form())
            await actions.restore_terms(request.user, code, number, sent)
        except (BadForm, Refused) as bad:
            return await _notice_page(request, code, None, bad.errors, bad=bad)
        return see_other(f"/manage/activities/{code}/notice?saved=yes")


async def _notice_page(
    request: Request,
    code: str,
    typed: dict[str, Any] | None,
    errors: dict[str, str],
    *,
    bad: Exception | None = None,
    saved: bool = False,
) -> Response:
    activity, terms = await own_terms(request.user, code)
    versions = await list_versions(activity.id, _LATEST_VERSIONS)
    holder = data_holder(activity.hosts)
    kept = {name: getattr(terms, name) for name in ("purpose", "recipients", "text", "keep_days")}
    return page(
        request,
        "registration/notice.html",
        409 if isinstance(bad, Refused) else (422 if errors else 200),
        activity=activity,
        terms=terms,
        notice=notice(terms, holder=holder),
        sensitive=is_sensitive(activity.kind, terms),
        sensitive_kind=activity.kind in SENSITIVE_KINDS,
        versions=_past(versions, holder),
        values=kept if typed is None else typed,
        errors=errors,
        changes=bad.changes if isinstance(bad, TermsConflict) else [],
        saved=saved,
    )


def _past(versions: list[Version], holder: str) -> list[PastVersion]:
    """The newest first, as they come."""
    before = [*versions[1:], None]
    return [
        PastVersion(
            version,
            notice(version.terms, holder=holder),
            differences(older.terms, version.terms) if older else [],
        )
        for version, older in zip(versions, before, strict=True)
    ]
