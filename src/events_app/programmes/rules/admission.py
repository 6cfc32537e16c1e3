"""An activity's rules of registration in plain words, as its public pages say them."""

from typing import Protocol

from events_app.lib.language import gettext as _
from events_app.programmes.rules.worth import Worth, worth_sentences
from events_app.programmes.tables import Admission, Extent


class Ruled(Worth, Protocol):
    """What the words are made from: columns of the activity, and of its programme."""

    @property
    def admission(self) -> Admission: ...
    @property
    def extent(self) -> Extent: ...
    @property
    def most_sessions(self) -> int | None: ...
    @property
    def programme_name(self) -> str: ...
    @property
    def programme_most(self) -> int | None: ...
    @property
    def eligible_only(self) -> bool: ...
    @property
    def unit_quota(self) -> int | None: ...
    @property
    def walk_ins(self) -> bool: ...
    @property
    def minimum_age(self) -> int | None: ...
    @property
    def offer_minutes(self) -> int | None: ...
    @property
    def group_most(self) -> int: ...


def rule_sentences(activity: Ruled) -> list[str]:
    """What somebody should know before registering; the rule that is usual is said too."""
    return [
        sentence
        for sentence in (
            _admission(activity.admission),
            _who(activity),
            _age(activity),
            _extent(activity),
            _programme(activity),
            _quota(activity),
            _group(activity),
            _waiting(activity),
            _("没有报名的人，现场还有空位时也可以参加。") if activity.walk_ins else "",
            *worth_sentences(activity),
        )
        if sentence
    ]


def extent_name(extent: str) -> str:
    names = {
        Extent.ONE: _("每人一场"),
        Extent.SEVERAL: _("可以参加多场"),
        Extent.COURSE: _("整门课程，全部场次一起报"),
    }
    return names[Extent(extent)]


def minutes_text(minutes: int) -> str:
    """As people say it: whole days and hours where they are whole."""
    if minutes % 1440 == 0:
        return _("%(n)s天", n=minutes // 1440)
    if minutes % 60 == 0:
        return _("%(n)s小时", n=minutes // 60)
    return _("%(n)s分钟", n=minutes)


def _admission(admission: Admission) -> str:
    sentences = {
        Admission.OPEN: _("先到先得，有名额就报名成功。"),
        Admission.APPROVAL: _("报名后由组织者逐个审核，结果显示在入场码页面。"),
        Admission.DRAW: _("报名截止后抽签，报名先后不影响结果。"),
    }
    return sentences[admission]


def _who(activity: Ruled) -> str:
    return _("只接受名单上的单位报名。") if activity.eligible_only else ""


def _age(activity: Ruled) -> str:
    return _("活动当天须年满%(age)s周岁。", age=activity.minimum_age) if activity.minimum_age else ""


def _extent(activity: Ruled) -> str:
    if activity.extent == Extent.ONE:
        return _("每人只能参加其中一场。")
    if activity.extent == Extent.COURSE:
        return _("这是一门连续的课程：报名就是报全部场次，不能只报其中几场。")
    return _("每人最多参加%(n)s场。", n=activity.most_sessions) if activity.most_sessions else ""


def _programme(activity: Ruled) -> str:
    if not activity.programme_most:
        return ""
    return _(
        "“%(programme)s”的所有活动加起来，每人最多参加%(n)s场。",
        programme=activity.programme_name,
        n=activity.programme_most,
    )


def _quota(activity: Ruled) -> str:
    return (
        _("每个单位每场最多%(n)s人，候补的也算在内。", n=activity.unit_quota) if activity.unit_quota else ""
    )


def _group(activity: Ruled) -> str:
    if activity.group_most < 2:
        return ""
    return _(
        "最多%(n)s人可以一起报名，一起得到名额，或一起候补；轮到的一组放不下时，名额为这一组留着，后面的人接着等。",
        n=activity.group_most,
    )


def _waiting(activity: Ruled) -> str:
    if not getattr(activity, "waiting_list", True):  # a session says so of itself
        return _("满员后不接受候补。")
    if activity.offer_minutes is None:
        return _("满员后候补，空出名额时按顺序自动递补。")
    return _(
        "满员后候补，空出名额时按顺序请下一位确认；%(time)s内不确认，就让给再下一位。",
        time=minutes_text(activity.offer_minutes),
    )
