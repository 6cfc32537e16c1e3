"""Every refusal and every crash as a page in words, or as problem details (RFC 9457) for the API."""

import re
from errno import EHOSTUNREACH, ENETUNREACH
from socket import gaierror
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from events_app.lib.errors import Forbidden, Invalid, LoginNeeded, NotFound, Refused, TooMany
from events_app.lib.language import gettext as _
from events_app.lib.request_context import request_id
from events_app.web.forms import BadForm
from events_app.web.pages import page, see_other

PROBLEM = "application/problem+json"
_log = structlog.get_logger("error")
_REASONS = MappingProxyType(
    {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
)
_DATABASE_AWAY = (
    ConnectionError,
    TimeoutError,
    gaierror,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
)
# Seconds: a database that died is replaying its log by then, or is back.
_BACK_SOON = "2"
# What asyncio raises for an unreachable host; without a number when a name's several addresses all refuse.
_UNREACHABLE = (EHOSTUNREACH, ENETUNREACH, None)


def answer_error(request: Request, error: Exception) -> Response[Any]:
    """The one exception handler of the application."""
    if isinstance(error, LoginNeeded) and not is_api(request):
        return see_other(f"/login?next={quote(_where(request))}")
    status, reason, detail, facts = described(error)
    if status >= 500:
        _log.error(
            "failed", request_id=request_id.get(), route=request.scope.get("path_template"), exc_info=error
        )
    if is_api(request):
        body = problem_body(status, reason, detail, facts)
        answer: Response[Any] = Response(body, status_code=status, media_type=PROBLEM)
    else:
        answer = _page(request, status, detail)
    if isinstance(error, TooMany):
        answer.headers["retry-after"] = str(error.retry_after)
    if status == 503:
        answer.headers["retry-after"] = _BACK_SOON
    if status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def is_api(request: Request) -> bool:
    """Whether whoever asks is a program: the API's, or a script of ours whose handler says so (opt["json"])."""
    handler = request.scope.get("route_handler")
    return request.url.path.startswith("/api/") or bool(handler and handler.opt.get("json"))


def problem_body(status: int, reason: str, detail: str, facts: dict[str, object]) -> dict[str, object]:
    """RFC 9457 §3, with `reason` as the word that programs may rely on."""
    body = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "reason": reason,
        "detail": detail,
    }
    return body | {"request_id": request_id.get()} | facts


async def refuse_cross_site(request: Request) -> None:
    """Before every handler: another site's page may not write here in this browser's name."""
    if request.scope.get("cross_site"):
        raise Forbidden


def described(error: Exception) -> tuple[int, str, str, dict[str, object]]:
    """Status, stable reason, sentence, further facts."""
    match error:
        case Refused():
            return 409, error.reason, error.sentence, error.facts
        case NotFound():
            return 404, error.reason, error.sentence or _sentence(404), {}
        case Invalid() | BadForm():
            return 422, "invalid", _sentence(422), {"errors": error.errors}
        case Forbidden():
            return 403, error.reason, error.sentence or _sentence(403), {}
        case LoginNeeded():
            return 401, "unauthorized", _("请在请求头中带上有效的令牌：Authorization: Bearer …"), {}
        case TooMany():
            return 429, "too_many", _sentence(429), {}
        case HTTPException():
            return (
                error.status_code,
                _REASONS.get(error.status_code, "refused"),
                _sentence(error.status_code),
                {},
            )
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):  # a NUL in an address
        return 400, "bad_request", _sentence(400), {}
    if _is_database_away(error):
        return 503, "unavailable", _sentence(503), {}
    return 500, "failed", _sentence(500), {}


def _is_database_away(error: Exception) -> bool:
    """Whether trying again later helps; our own mistakes with the driver are none of that."""
    if isinstance(error, asyncpg.InterfaceError):
        # The pool takes a connection back at once when its server dies, whoever is using it.
        return re.search(r"\bclos(ed|ing)\b|released back to the pool", str(error)) is not None
    if isinstance(error, asyncpg.InternalClientError):  # the server has said goodbye on this connection
        return "cannot switch to state" in str(error)
    if type(error) is OSError:
        return error.errno in _UNREACHABLE
    return isinstance(error, _DATABASE_AWAY)


def _page(request: Request, status: int, detail: str) -> Response[Any]:
    return page(
        request,
        "error.html",
        status,
        code=status,
        title=_title(status),
        detail=detail,
        request_id=request_id.get(),
    )


def _where(request: Request) -> str:
    """Where to go on after the login: this page, or the one that held the form."""
    if request.method != "GET":
        return "/manage"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _title(status: int) -> str:
    titles = {
        400: _("请求有误"),
        401: _("需要登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("方法不对"),
        409: _("没有办成"),
        413: _("内容太大"),
        422: _("填写有误"),
        429: _("操作太频繁"),
        503: _("暂时无法服务"),
    }
    return titles.get(status, _("出错了"))


def _sentence(status: int) -> str:
    sentences = {
        400: _("发来的内容无法识别。请返回上一页，检查后再试一次。"),
        403: _("您的账号没有这项权限，或者请求来自其他网站。需要权限时，请联系本单位的管理员。"),
        404: _("这个地址没有内容，或者内容不属于您。请检查网址，或从活动日程重新进入。"),
        405: _("这个地址不支持这种访问方式。请返回上一页重试。"),
        409: _("现在不能这样做。请刷新页面，查看最新情况。"),
        413: _("发来的内容太大。请减少文字；图片请压缩到10 MB以内。"),
        422: _("有些内容需要修改，请看每一项旁边的说明。"),
        429: _("短时间内尝试的次数太多。请稍等片刻再试。"),
        503: _("系统正在恢复，您已经提交成功的内容不会丢失。请一分钟后再试。"),
    }
    return sentences.get(
        status, _("系统遇到了意外问题，已经记录下来。请稍后再试；仍有问题时，请把下面的编号告诉管理员。")
    )
