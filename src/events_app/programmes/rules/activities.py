"""What an activity is called and whether it may be seen: the words for kinds and roles."""

from events_app.lib.language import gettext as _
from events_app.programmes.tables import HostRole, Kind

# Public lists, feeds and search leave them out: who sits there is nobody's business. An organiser's own statistics
# show them, with small units merged.
CONFIDENTIAL = frozenset({Kind.LEGAL_AID})


def kind_name(kind: str) -> str:
    names = {
        Kind.VISIT: _("劳模工匠进校园"),
        Kind.HEALTH: _("健康服务"),
        Kind.SOLICITATION: _("案例征集"),
        Kind.FACILITY: _("场地设施"),
        Kind.LEGAL_AID: _("法律援助"),
        Kind.TRAINING: _("技能培训"),
        Kind.CONTEST: _("技能竞赛"),
        Kind.JOB_FAIR: _("招聘会"),
        Kind.CULTURE: _("文化活动"),
        Kind.LECTURE: _("宣讲"),
    }
    return names[Kind(kind)]


def host_role_name(role: str) -> str:
    names = {
        HostRole.HOST: _("主办"),
        HostRole.ORGANIZER: _("承办"),
        HostRole.CO_ORGANIZER: _("协办"),
        HostRole.SUPPORTER: _("支持"),
    }
    return names[HostRole(role)]


def default_notice() -> str:
    """What a participant agrees to when the organiser wrote nothing else."""
    return _(
        "我们收集您的姓名、手机号码和所在单位，只用于本次活动的报名、签到和统计，由主办单位保管，不提供给无关的人。"
        "您可以随时在入场码页面取消报名。"
    )
