"""Decisions about scans, and the words for verdicts."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from events_app.checkin.tables import Direction, Verdict
from events_app.lib.language import gettext as _


class Claim(Protocol):
    """What two scans can have in common."""

    @property
    def session(self) -> str: ...
    @property
    def nonce(self) -> str: ...
    @property
    def ticket(self) -> str: ...


C = TypeVar("C", bound=Claim)


def split_round(scans: Iterable[C], most: int) -> tuple[list[C], list[C]]:
    """At most `most` scans that one statement can judge at once, and the rest, both in order.

    In one round no ticket stands twice, and no nonce of one session: the second scan has to see what the first one
    did.
    """
    now: list[C] = []
    later: list[C] = []
    seen: set[tuple[str, ...]] = set()
    for scan in scans:
        # A ticket that had to wait keeps its later scans waiting too: they are judged in order.
        names = {("nonce", scan.session, scan.nonce), ("ticket", scan.ticket)}
        (later if len(now) >= most or seen & names else now).append(scan)
        seen |= names
    return now, later


def verdict_name(verdict: str) -> str:
    """The one word that everybody at the door reads first."""
    names = {
        Verdict.ADMITTED: _("请进"),
        Verdict.ALREADY_IN: _("重复"),
        Verdict.WRONG_SESSION: _("不是本场"),
        Verdict.CANCELLED: _("已取消"),
        Verdict.WAITLISTED: _("候补中"),
        Verdict.PENDING: _("待审核"),
        Verdict.NOT_OPEN: _("未到时间"),
        Verdict.REVOKED: _("已作废"),
        Verdict.UNKNOWN: _("无效"),
    }
    return names[Verdict(verdict)]


def verdict_colour(verdict: str) -> str:
    """admitted (green), warning (amber: a person of ours, look closer), refused (red)."""
    if verdict == Verdict.ADMITTED:
        return "admitted"
    return "refused" if verdict in (Verdict.UNKNOWN, Verdict.CANCELLED, Verdict.REVOKED) else "warning"


def verdict_sentence(verdict: Verdict, direction: Direction = Direction.IN) -> str:
    """What the gate reads out, with what to do."""
    if verdict == Verdict.ADMITTED and direction == Direction.OUT:
        return _("已登记离场，回来时再扫一次。")
    sentences = {
        Verdict.ADMITTED: _("签到成功。"),
        Verdict.ALREADY_IN: _("这张码已经签到过，请核对姓名。"),
        Verdict.WRONG_SESSION: _("这张码不是本场的，请核对日期和场次。"),
        Verdict.CANCELLED: _("报名或本场已取消，请到服务台处理。"),
        Verdict.WAITLISTED: _("还没有名额：在候补名单上，或还没有确认。请到服务台处理。"),
        Verdict.PENDING: _("报名还没有审核或抽签，请到服务台处理。"),
        Verdict.NOT_OPEN: _("现在不是签到时间。"),
        Verdict.REVOKED: _("这张码已作废，请出示新的入场码。"),
        Verdict.UNKNOWN: _("不是有效的入场码，请核对后重试。"),
    }
    return sentences[verdict]
