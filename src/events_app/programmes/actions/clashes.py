"""Looking for clashes before sessions are saved, and writing down who saved in spite of them."""

from collections.abc import Sequence
from itertools import chain

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.queries.clashes import find_facts, list_near, list_planned, lock_planning
from events_app.programmes.queries.policies import find_policy
from events_app.programmes.queries.workdays import find_workdays
from events_app.programmes.rules.clashes import Clash, Planned, judge, most


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


async def check_again(me: Me, organization: int, sessions: Sequence[str], accepted: Sequence[str]) -> None:
    """What was planned in their place while these, by their codes, were not to take place; raises ClashesFound.

    What was accepted is written down. Inside the transaction in which they take place again.
    """
    planned = await list_planned([*sessions])
    await lock_planning(organization, [one.site for one in planned])
    found = [[c for c in clashes if c.session] for clashes in await find_clashes(organization, planned)]
    shown = most([*chain.from_iterable(found)])
    if any(clash.key not in accepted for clash in shown):
        raise ClashesFound(shown)
    for session, clashes in zip(sessions, found, strict=True):
        await record_accepted(me, organization, session, clashes)


async def record_accepted(me: Me, organization: int, session_code: str, clashes: Sequence[Clash]) -> None:
    """Who saved the session in spite of these; nothing when there are none."""
    if clashes:
        sentences = [clash.sentence for clash in clashes]
        await audit(
            me, "clash.accept", session_code, organization=organization, name=me.name, clashes=sentences
        )
