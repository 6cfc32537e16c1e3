"""Who may do what, from roles alone."""

from datetime import timedelta

import msgspec

from events_app.accounts.tables import OrganizationKind, Role
from events_app.lib.language import gettext as _

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

ORGANIZING = frozenset({Role.OWNER, Role.ORGANIZER})
AT_THE_GATE = ORGANIZING | {Role.GATE}


class Member(msgspec.Struct, frozen=True):
    """A role in an organization."""

    organization: int
    code: str
    name: str
    role: Role


class Me(msgspec.Struct, frozen=True):
    """Who is acting: an account, through a login or a token (`credential` is that row's id)."""

    account: int
    login: str
    name: str
    credential: int
    memberships: list[Member]

    def organizations(self, roles: frozenset[Role] = frozenset(Role)) -> list[int]:
        """Ids of the organizations in which this account holds one of `roles`, in the order of joining."""
        return list(dict.fromkeys(m.organization for m in self.memberships if m.role in roles))

    @property
    def organizes(self) -> bool:
        return bool(self.organizations(ORGANIZING))

    @property
    def stands_at_gate(self) -> bool:
        return bool(self.organizations(AT_THE_GATE))

    @property
    def home(self) -> str:
        """The page that this account works on, or what comes to its school or company."""
        if self.organizes:
            return "/manage"
        if self.stands_at_gate:
            return "/gate"
        return f"/o/{self.memberships[0].code}" if self.memberships else "/"


def organization_kind_name(kind: str) -> str:
    names = {
        OrganizationKind.UNION: _("工会"),
        OrganizationKind.SCHOOL: _("学校"),
        OrganizationKind.COMPANY: _("企业"),
        OrganizationKind.AGENCY: _("机关"),
        OrganizationKind.LAW_FIRM: _("律师事务所"),
        OrganizationKind.PLATFORM: _("平台"),
    }
    return names[OrganizationKind(kind)]
