"""What an activity is called and whether it may be seen: the words for kinds and roles."""

from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, HostRole, Kind

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


def admission_name(admission: str) -> str:
    names = {
        Admission.OPEN: _("先到先得"),
        Admission.APPROVAL: _("逐个审核"),
        Admission.DRAW: _("抽签"),
    }
    return names[Admission(admission)]
