"""What staff did to a session, in words: deeds, fields and what stood in them."""

from datetime import datetime

from events_app.lib.clock import ZONE, moment_text
from events_app.lib.language import gettext as _
from events_app.registration.rules.changes import MOMENTS


def deed_name(action: str) -> str:
    names = {
        "session.create": _("添加场次"),
        "session.update": _("修改场次"),
        "session.move": _("改期或换场地"),
        "session.call_off": _("取消本场"),
        "session.postpone": _("延期"),
        "session.resume": _("恢复"),
        "session.line": _("调整候补顺序"),
        "clash.accept": _("知道有冲突，仍然保存"),
    }
    return names.get(action, _("其他改动"))


def field_name(field: str) -> str:
    """As the form calls it."""
    names = {
        "starts_at": _("开始"),
        "ends_at": _("结束"),
        "venue": _("场地"),
        "address": _("地址"),
        "site": _("接待学校或企业"),
        "title": _("场次名称"),
        "guests": _("嘉宾"),
        "capacity": _("名额"),
        "check_in_lead": _("提前多少分钟开始签到"),
        "opens_at": _("报名开始时间"),
        "closes_at": _("报名截止时间"),
        "waiting_list": _("满员后接受候补"),
        "in_charge": _("负责人"),
    }
    return names.get(field, field)


def field_words(value: str, field: str) -> str:
    """What stood in the form, as people say it."""
    if field == "waiting_list":
        return _("是") if value else _("否")
    if field in MOMENTS:
        return _moment_words(value)
    return value or _("（空）")


def _moment_words(value: str) -> str:
    try:
        return moment_text(datetime.fromisoformat(value).replace(tzinfo=ZONE))
    except ValueError:  # what a browser sent along is shown as it is
        return value
