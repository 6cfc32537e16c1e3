"""Whether an activity's rules may become others now that people are registered."""

from decimal import Decimal

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, Extent


class Rules(msgspec.Struct, frozen=True):
    """The columns of an activity that say who may register and what coming is worth, and `most_sessions` of its
    programme.
    """

    admission: Admission
    extent: Extent
    most_sessions: int | None
    programme_most: int | None
    eligible_only: bool
    unit_quota: int | None
    walk_ins: bool
    minimum_age: int | None
    asks_birth_year: bool
    offer_minutes: int | None
    group_most: int
    minimum_minutes: int | None = None
    must_check_out: bool = False
    session_hours: Decimal | None = None
    certificates: bool = False
    certificate_hours: Decimal | None = None


class Held(msgspec.Struct, frozen=True):
    """People in sessions that are still to come: those who wait for a draw, for a yes, and all who hold or await."""

    entered: int
    pending: int
    held: int


def rule_errors(before: Rules, after: Rules, held: Held, units: int) -> dict[str, str]:
    """What stands against it, by field; `units` are on the list of those that may register."""
    errors: dict[str, str] = {}
    if after.admission != before.admission and (wrong := _admission_error(before, after, held)):
        errors["admission"] = wrong
    if wrong := _extent_error(before, after, held):
        errors["extent"] = wrong
    if after.eligible_only and not units:
        errors["unit_name"] = _("请写上哪些单位可以报名，或不限单位。")
    if after.certificate_hours and not after.session_hours:
        errors["session_hours"] = _("证书按学时发，请写上每场多少学时。")
    return errors


def changed_fields(base: dict[str, str], stored: dict[str, str]) -> list[str]:
    """What somebody else has changed since the form was opened."""
    return [field for field, text in stored.items() if base.get(field, text) != text]


def rule_name(field: str) -> str:
    """As the form calls it."""
    names = {
        "admission": _("报名方式"),
        "extent": _("参加几场"),
        "most_sessions": _("每人最多几场"),
        "programme_most": _("整个项目里每人最多几场"),
        "eligible_only": _("只接受名单上的单位"),
        "unit_quota": _("每个单位每场名额"),
        "walk_ins": _("现场参加"),
        "minimum_age": _("最低年龄"),
        "asks_birth_year": _("填写出生年份"),
        "offer_minutes": _("候补确认时间"),
        "group_most": _("一起报名的人数"),
        "minimum_minutes": _("最短在场分钟"),
        "must_check_out": _("须登记离场"),
        "session_hours": _("每场学时"),
        "certificates": _("参加证书"),
        "certificate_hours": _("证书所需学时"),
        "units": _("可以报名的单位"),
    }
    return names[field]


def _admission_error(before: Rules, after: Rules, held: Held) -> str:
    if before.admission == Admission.DRAW and held.entered:
        return _("有%(n)s人报名等抽签，抽签以前不能改成别的方式。请先抽签。", n=held.entered)
    if after.admission == Admission.DRAW and held.held:
        return _(
            "已有%(n)s人按原来的方式报名，不能再改成抽签：先报名的人会失去名额。要抽签，请另建一个活动。",
            n=held.held,
        )
    if before.admission == Admission.APPROVAL and held.pending:
        return _("还有%(n)s人待审核，请先处理完，再改报名方式。", n=held.pending)
    return ""


def _extent_error(before: Rules, after: Rules, held: Held) -> str:
    if after.extent == Extent.COURSE and after.admission == Admission.DRAW:
        return _("抽签是每场分别抽的，整门课程不能抽签。请改用先到先得或审核，或者让每人只参加一场。")
    course = Extent.COURSE in (before.extent, after.extent)
    if course and after.extent != before.extent and held.held + held.entered:
        return _(
            "已有%(n)s人报名，不能在“整门课程”和分场报名之间改。要改，请另建一个活动。",
            n=held.held + held.entered,
        )
    return ""
