"""What a strange scan means, and what its organiser can do."""

from datetime import datetime
from typing import Protocol

from events_app.checkin.tables import Verdict
from events_app.lib.clock import moment_text
from events_app.lib.language import gettext as _


class Refused(Protocol):
    """Somebody whom a device without network let in."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def released_at(self) -> datetime | None: ...
    @property
    def called_off_at(self) -> datetime | None: ...


def why_refused(scan: Refused) -> str:
    """Why it did not count, in the words of whoever has to explain it."""
    if scan.verdict == Verdict.CANCELLED and scan.released_at:
        return _("这个报名在%(at)s已经取消。", at=moment_text(scan.released_at))
    if scan.verdict == Verdict.CANCELLED and scan.called_off_at:
        return _("本场在%(at)s已经取消。", at=moment_text(scan.called_off_at))
    reasons = {
        Verdict.CANCELLED: _("这个报名或本场已经取消。"),
        Verdict.WAITLISTED: _("这个人还在候补名单上，没有名额。"),
        Verdict.PENDING: _("这个人的报名还没有审核或抽签。"),
        Verdict.WRONG_SESSION: _("这是另一个场次的入场码。"),
        Verdict.NOT_OPEN: _("当时不是签到时间，或者本场已延期。"),
        Verdict.REVOKED: _("这个签到点当时已经作废，或者不在使用时间内。"),
        Verdict.UNKNOWN: _("系统里没有这张码。"),
    }
    return reasons.get(scan.verdict, _("这次扫码没有计入。"))


def what_to_do(verdict: Verdict) -> str:
    remedies = {
        Verdict.WAITLISTED: _("这个人如果参加了，请先在“候补名单”里给名额，再补录。"),
        Verdict.PENDING: _("这个人如果参加了，请先通过报名，再补录。"),
        Verdict.NOT_OPEN: _("这个人如果参加了，请补录；下次请把签到时间定得宽一些。"),
        Verdict.REVOKED: _("这台设备如果是您的人在用，请把参加的人补录；如果不是，请查清设备在谁手里。"),
        Verdict.UNKNOWN: _("请看一看票号：可能是打错了，也可能是假码。参加的人请在名单上找到以后补录。"),
    }
    return remedies.get(verdict, _("这个人如果参加了，请在本场重新登记报名，再补录。"))
