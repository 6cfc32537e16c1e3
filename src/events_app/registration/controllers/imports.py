"""A unit's file of people: a table in, a dry run to look through, the good rows saved."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.lib import clock, codes, language
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.lib.request_context import address, request_id
from events_app.registration.actions import imports as actions
from events_app.registration.actions.rosters import asking_of, roster_by
from events_app.registration.actions.saving import Order, interrupted, start
from events_app.registration.controllers.rosters import shown_fields
from events_app.registration.forms import ImportForm
from events_app.registration.queries.imports import ImportRow
from events_app.registration.queries.rosters import RosterRow
from events_app.registration.rules.roster_rows import FIELDS, LONGEST_CELL, Row
from events_app.registration.rules.rosters import SHORT, counted, in_order
from events_app.registration.rules.terms import is_sensitive, notice
from events_app.web.forms import LARGEST_WITH_TABLE, MOST_FIELDS, BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number
from events_app.web.security import anyone

_PAGE = 50
_FIELDS_BESIDE = 50
# So long may a program take until it holds the lock by which others see that it runs.
_TO_BEGIN = 15  # seconds


class ImportController(Controller):
    """Files of other units are not found."""

    path = "/rosters/{secret:str}/imports"
    guards = (anyone,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request, secret: FromPath[str]) -> Response:
        return await _import_form(request, secret, {}, {})

    @post("/", request_max_body_size=LARGEST_WITH_TABLE)
    async def create(self, request: Request, secret: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        roster = await roster_by(secret)
        try:
            code = await actions.create_import(roster, read_form(ImportForm, form), await _file(form))
        except (BadForm, Invalid) as bad:
            return await _import_form(request, secret, _typed(form), bad.errors)
        except Refused as refused:
            field = "file" if isinstance(form.get("file"), UploadFile) and form["file"].filename else "table"
            return await _import_form(request, secret, _typed(form), {field: refused.sentence})
        return see_other(f"/rosters/{secret}/imports/{code}")

    @get("/{code:str}")
    async def show(self, request: Request, secret: FromPath[str], code: FromPath[str]) -> Response:
        roster = await roster_by(secret)
        return await _import_page(request, roster, code, page_number(request))

    @post("/{code:str}", request_max_body_size=LARGEST_WITH_TABLE)
    async def update(self, request: Request, secret: FromPath[str], code: FromPath[str]) -> Redirect:
        form = await request.form()
        roster = await roster_by(secret)
        left = await actions.edit_import(roster, code, _edits(form), str(form.get("remove", "")))
        return see_other(
            f"/rosters/{secret}/imports/{code}?page={_number(form)}" if left else f"/rosters/{secret}"
        )

    @get("/{code:str}/saving")
    async def progress(self, secret: FromPath[str], code: FromPath[str]) -> Redirect:
        """Where a refused form leaves the browser: a reload leads back to the file."""
        return see_other(f"/rosters/{secret}/imports/{code}")

    @post("/{code:str}/saving", request_max_body_size=LARGEST_WITH_TABLE)
    async def save(self, request: Request, secret: FromPath[str], code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        roster = await roster_by(secret)
        if not form.get("consent"):
            await actions.edit_import(roster, code, _edits(form))
            errors = {"consent": _("请先确认名单上的人都知道并同意，再保存。")}
            return await _import_page(request, roster, code, _number(form), errors, 422)
        terms = number(str(form.get("terms", "")), 0)
        try:
            if await actions.edit_import(roster, code, _edits(form)) > SHORT:
                start(_order(request, roster, await actions.begin(roster, code, terms), terms))
                return see_other(f"/rosters/{secret}/imports/{code}")
            signer = codes.signer(request.app.state.settings.secret_key)
            saved = await actions.save_import(request.user, secret, code, terms, signer)
        except Refused as refused:
            return await _import_page(request, roster, code, _number(form), {"": refused.sentence}, 409)
        if saved.left:
            return see_other(f"/rosters/{secret}/imports/{code}")
        return see_other(f"/rosters/{secret}?saved={saved.done}")

    @post("/{code:str}/removal")
    async def remove(self, secret: FromPath[str], code: FromPath[str]) -> Redirect:
        await actions.discard_import(await roster_by(secret), code)
        return see_other(f"/rosters/{secret}")


async def _import_form(
    request: Request, secret: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    roster = await roster_by(secret)
    return _secret(
        page(
            request,
            "registration/roster_import_form.html",
            422 if errors else 200,
            roster=roster,
            sessions=await actions.open_sessions(roster),
            columns=_columns(shown_fields(await asking_of(roster, []))),
            values=values,
            errors=errors,
        )
    )


async def _import_page(
    request: Request,
    roster: RosterRow,
    code: str,
    wanted: int,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    import_ = await actions.find_own_import(roster, code)
    if import_.finished_at or _is_saving(import_):
        total = max(len(import_.rows), import_.done, 1)
        return _secret(
            page(request, "registration/roster_saving.html", roster=roster, file=import_, total=total)
        )
    looked = await actions.look(roster, import_)
    rows = in_order(looked.rows)
    size = max(min(_PAGE, (MOST_FIELDS - _FIELDS_BESIDE) // (len(looked.asking.fields) + 1)), 1)
    last = -(-len(rows) // size)
    paging = Paging(f"/rosters/{roster.secret}/imports/{code}", min(wanted, last), size, len(rows))
    return _secret(
        page(
            request,
            "registration/roster_import.html",
            status,
            roster=roster,
            file=import_,
            problem=import_.problem or (interrupted() if import_.started_at and status == 200 else ""),
            sessions=looked.sessions,
            fields=shown_fields(looked.asking),
            terms=looked.asking.terms,
            notice=notice(looked.asking.terms),
            sensitive=is_sensitive(roster.kind, looked.asking.terms),
            rows=[_shown(row) for row in rows[paging.offset : paging.offset + size]],
            counts=counted(rows),
            paging=paging,
            errors=errors or {},
        )
    )


def _columns(fields: list[dict[str, Any]]) -> str:
    """姓名、手机号码、衣服尺码（大、小）."""
    return listed(
        _("%(label)s（%(options)s）", label=f["label"], options=listed(f["options"]))
        if f["options"]
        else f["label"]
        for f in fields
    )


def _is_saving(import_: ImportRow) -> bool:
    if import_.started_at is None:
        return False
    return import_.running or (clock.now() - import_.started_at).total_seconds() < _TO_BEGIN


def _order(request: Request, roster: RosterRow, import_: ImportRow, terms: int) -> Order:
    settings = request.app.state.settings
    return Order(
        dsn=settings.database_url,
        key=settings.secret_key,
        me=request.user,
        secret=roster.secret,
        code=import_.code,
        import_id=import_.id,
        terms=terms,
        language=language.current.get(),
        address=address.get(),
        request_id=request_id.get(),
    )


def _shown(row: Any) -> dict[str, Any]:
    """A row with what the template asks of it."""
    return {name: getattr(row, name) for name in ("row", "line", "errors", "state", "note", "changed")}


def _edits(form: FormMultiDict) -> dict[str, Row]:
    """By line, what is typed in the rows that the page showed."""
    edits: dict[str, Row] = {}
    lines = {str(line) for line in form.getall("line", [])}
    for name, value in form.multi_items():
        field, dash, line = name.rpartition("-")
        if dash and line in lines and isinstance(value, str) and (field in FIELDS or field.startswith("q-")):
            edits.setdefault(line, {})[field] = value[:LONGEST_CELL].replace("\0", "\ufffd").strip()
    return edits


def _typed(form: Mapping[str, Any]) -> dict[str, Any]:
    return {"table": form.get("table", ""), "session": form.getall("session", [])}  # type: ignore[attr-defined]


async def _file(form: FormMultiDict) -> bytes:
    """b"" when none was chosen."""
    sent = form.get("file")
    return await sent.read() if isinstance(sent, UploadFile) else b""


def _number(form: FormMultiDict) -> int:
    return max(number(str(form.get("page", "")), 1), 1)


def _secret(answer: Response) -> Response:
    """The address is the key: it stays out of caches and of search engines."""
    answer.headers.update({"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"})
    return answer
