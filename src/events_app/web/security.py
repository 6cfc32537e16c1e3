"""What a browser is told it may do, and which requests are not from our own pages."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


async def anyone(_connection: "ASGIConnection", _handler: "BaseRouteHandler") -> None:
    """The guard of a page that is for everybody: a test makes sure that each route names one.

    Guards are coroutines: Litestar sends a plain function through a thread, which doubles what a small page costs.
    """


def content_policy(importmap: str, *, wasm: bool = False) -> str:
    """A Content-Security-Policy without unsafe-inline and unsafe-eval; `wasm` for the page that scans."""
    scripts = f"'self' {importmap}" + (" 'wasm-unsafe-eval'" if wasm else "")
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


def fixed_headers(*, https: bool) -> dict[str, str]:
    """The headers that every answer carries."""
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
        "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    }
    return headers | {"strict-transport-security": "max-age=31536000"} if https else headers


def is_cross_site(method: str, headers: dict[bytes, bytes]) -> bool:
    """Whether another site's page makes this browser write here.

    Browsers say where a request comes from and pages cannot lie about it, so no token has to travel through every
    form and expire in it. The rule is that of Go's http.CrossOriginProtection: Sec-Fetch-Site decides, an older
    browser's Origin must name our host, and what sends neither is no browser and holds no planted cookie.
    """
    if method in _SAFE_METHODS:
        return False
    if site := headers.get(b"sec-fetch-site"):
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    return origin is not None and _host(origin) != headers.get(b"host", b"").lower()


def _host(origin: bytes) -> bytes | None:
    """None for what is no address, such as `http://[`."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
