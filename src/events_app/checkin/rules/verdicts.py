"""The words for verdicts."""

from events_app.checkin.tables import Direction, Verdict
from events_app.lib.language import gettext as _


def verdict_name(verdict: str) -> str:
    """The one word that everybody at the door reads first. `revoked` is the gate, never the ticket."""
    names = {
        Verdict.ADMITTED: _("请进"),
        Verdict.ALREADY_IN: _("重复"),
        Verdict.WRONG_SESSION: _("不是本场"),
        Verdict.CANCELLED: _("已取消"),
        Verdict.WAITLISTED: _("候补中"),
        Verdict.PENDING: _("待审核"),
        Verdict.NOT_OPEN: _("未到时间"),
        Verdict.REVOKED: _("签到点失效"),
        Verdict.UNKNOWN: _("无效"),
        Verdict.NOT_IN: _("未入场"),
        Verdict.FLAGGED: _("待确认"),
        Verdict.TOO_LATE: _("不能撤销"),
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
        Verdict.REVOKED: _("签到点已作废，或当时不在使用时间内：这次扫码没有计入。请联系活动负责人。"),
        Verdict.UNKNOWN: _("不是有效的入场码，请核对后重试。"),
        Verdict.NOT_IN: _("还没有入场，或已经离场，不用再登记离场。"),
        Verdict.FLAGGED: _("这部手机已经为别人签到过，请到签到台请工作人员确认。"),
        Verdict.TOO_LATE: _("签到点只能在15分钟内撤销自己的扫码。请联系活动负责人。"),
    }
    return sentences[verdict]
