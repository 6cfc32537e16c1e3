"""Pages for logging in and out, and the choice of language."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery
from litestar.response import Redirect

from events_app.accounts import actions
from events_app.accounts.forms import LoginForm, OrganizationForm
from events_app.accounts.guards import login_cookie, organizer, staff
from events_app.accounts.rules import LONGEST, organization_kind_name
from events_app.accounts.tables import OrganizationKind
from events_app.lib.errors import Refused
from events_app.lib.language import LANGUAGES
from events_app.web.edge import LANGUAGE_COOKIE
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import local_path, page, see_other
from events_app.web.security import anyone

_YEAR = 365 * 86400


class LoginController(Controller):
    include_in_schema = False

    @get("/login", guards=[anyone])
    async def new(self, request: Request, next: FromQuery[str] = "") -> Response:
        return page(request, "accounts/login.html", values={"next": local_path(next, "")}, errors={})

    @post("/login", guards=[anyone])
    async def create(self, request: Request) -> Response:
        form = await request.form()
        next_page = local_path(str(form.get("next", "")), "")
        try:
            sent = read_form(LoginForm, form)
            user_agent = request.headers.get("user-agent", "")
            secret, home = await actions.log_in(sent.login, sent.password, user_agent=user_agent)
        except BadForm as bad:
            values = bad.values | {"password": "", "next": next_page}
            return page(request, "accounts/login.html", 422, values=values, errors=bad.errors)
        except Refused as refused:
            values = {"login": sent.login, "next": next_page}
            return page(
                request, "accounts/login.html", 422, values=values, errors={"login": refused.sentence}
            )
        answer = see_other(next_page or home)
        answer.set_cookie(_login_cookie(request, secret, int(LONGEST.total_seconds())))
        return answer

    @post("/logout", guards=[staff])
    async def remove(self, request: Request) -> Redirect:
        await actions.log_out(request.user)
        answer = see_other("/")
        answer.set_cookie(_login_cookie(request, "", 0))
        return answer


class OrganizationController(Controller):
    """Schools and companies that are not in the list yet."""

    path = "/manage/organizations"
    guards = (organizer,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request) -> Response:
        return _organization_form(request, {}, {})

    @post("/")
    async def create(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            code = await actions.create_organization(request.user, read_form(OrganizationForm, form))
        except BadForm as bad:
            return _organization_form(request, bad.values, bad.errors)
        except Refused as refused:
            return _organization_form(request, dict(form), {"name": refused.sentence})
        return see_other(f"/o/{code}")


class LanguageController(Controller):
    include_in_schema = False

    @post("/language", guards=[anyone])
    async def create(self, request: Request) -> Redirect:
        form = await request.form()
        answer = see_other(local_path(str(form.get("back", "/"))))
        chosen = str(form.get("language"))
        if chosen in LANGUAGES:
            answer.set_cookie(Cookie(key=LANGUAGE_COOKIE, value=chosen, max_age=_YEAR, samesite="lax"))
        return answer


def _organization_form(request: Request, values: dict[str, Any], errors: dict[str, str]) -> Response:
    kinds = [(kind.value, organization_kind_name(kind)) for kind in OrganizationKind]
    status = 422 if errors else 200
    return page(request, "accounts/organization_form.html", status, values=values, errors=errors, kinds=kinds)


def _login_cookie(request: Request, secret: str, seconds: int) -> Cookie:
    """Also for taking it back: browsers leave a __Host- cookie alone when told to forget it without `secure`."""
    return Cookie(
        key=login_cookie(request),
        value=secret,
        max_age=seconds,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
    )
