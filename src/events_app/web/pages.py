"""Answers: a page, a fragment, a redirect, a file."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect

from events_app.web.templates import Pages


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response[bytes]:
    """A whole HTML page; `me`, `request_path` and `back` are there in every template."""
    pages: Pages = request.app.state.pages
    here = {"request_path": request.url.path, "back": _back(request)}
    html = pages.render(template, me=request.scope.get("user"), **here, **context)
    return Response(html.encode(), status_code=status, media_type="text/html", headers=_PRIVATE)


def either(request: Request, whole: str, fragment: str, status: int = 200, **context: Any) -> Response[bytes]:
    """The fragment for htmx that asked for a part, else the whole page around it."""
    partial = request.headers.get("hx-request-type") == "partial"
    answer = page(request, fragment if partial else whole, status, **context)
    answer.headers["vary"] = "HX-Request-Type"
    return answer


def see_other(address: str) -> Redirect:
    """303: what was posted is done, look there."""
    return Redirect(address, status_code=303)


def download(body: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file with a name that may be Chinese (RFC 6266 §4.3)."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}", **_PRIVATE}
    return Response(body, media_type=media_type, headers=headers)


def local_path(address: str, default: str = "/") -> str:
    """`address` when it is a path on this site, else `default`: nobody is led away from here."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() else default


def _back(request: Request) -> str:
    """An address that shows this page again; for a form that came back, the page above where only forms are sent."""
    path, query = request.url.path, request.url.query
    if request.method == "GET":
        return f"{path}?{query}" if query else path
    template = request.scope.get("path_template")
    shown = any(route.path == template and "GET" in route.methods for route in request.app.routes)
    return path if shown else path.rpartition("/")[0] or "/"


_PRIVATE = {"cache-control": "private, no-cache"}
