"""The cookie by which the phone that registered is known again. Only its digest is stored."""

from litestar import Request
from litestar.datastructures import Cookie

_YEAR = 365 * 86400


def phone_secret(request: Request) -> str:
    """ "" of a phone that registered nothing."""
    return request.cookies.get(_name(request), "")


def remember(request: Request, secret: str) -> Cookie:
    return _cookie(request, secret, _YEAR)


def forget(request: Request) -> Cookie:
    return _cookie(request, "", 0)


def _cookie(request: Request, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=_name(request),
        value=value,
        max_age=seconds,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
    )


def _name(request: Request) -> str:
    return "__Host-phone" if request.app.state.settings.https else "events_phone"
