"""Looking for clashes before sessions are saved, and writing down who saved in spite of them."""

from collections.abc import Sequence

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.queries.clashes import find_facts, list_near, lock_planning
from events_app.programmes.queries.policies import find_policy
from events_app.programmes.queries.workdays import find_workdays
from events_app.programmes.rules.clashes import Clash, Planned, judge


class ClashesFound(Refused):
    """What stands in the way and was not accepted, with all that was: the form shows them and asks for a tick."""

    def __init__(self, clashes: list[Clash]) -> None:
        super().__init__(_("安排有冲突。请调整，或者勾选“知道有冲突，仍然保存”。"), "clashes")
        self.clashes = clashes


async def find_clashes(organization: int, planned: Sequence[Planned]) -> list[list[Clash]]:
    """Of each, in the same order: with what is saved already, with one another, and with closed doors and days off."""
    if not planned:
        return []
    saved = await list_near(organization, planned)
    policy = await find_policy(organization)
    facts = await find_facts(organization, planned, policy.travel_speed)
    return judge(planned, saved, facts, await find_workdays(organization))


async def check_clashes(me: Me, organization: int, planned: Planned, accepted: Sequence[str]) -> list[Clash]:
    """The clashes, all of them accepted; raises ClashesFound with all of them when one is not.

    Inside the saving transaction: whoever plans for the same union or the same school waits until it ends.
    """
    await lock_planning(organization, [planned.site])
    clashes = (await find_clashes(organization, [planned]))[0]
    if any(clash.key not in accepted for clash in clashes):
        raise ClashesFound(clashes)
    return clashes


async def record_accepted(me: Me, organization: int, session_code: str, clashes: Sequence[Clash]) -> None:
    """Who saved the session in spite of these; nothing when there are none."""
    if clashes:
        sentences = [clash.sentence for clash in clashes]
        await audit(
            me, "clash.accept", session_code, organization=organization, name=me.name, clashes=sentences
        )
