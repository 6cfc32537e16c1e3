"""Writing down the steps of an activity's life."""

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib import clock
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.rules.life import Step
from events_app.programmes.tables import ActivityState, Transition


async def note_step(me: Me, activity: ActivityRow, start: ActivityState, step: Step, remark: str) -> None:
    """Inside the transaction that takes it: a line on the activity's timeline, and one in the audit."""
    await Transition(
        activity=activity.id,
        at=clock.now(),
        account=me.account,
        from_state=start,
        to_state=step.end,
        remark=remark,
    ).save()
    detail = {"remark": remark} if remark else {}
    await audit(me, f"activity.{step.verb}", activity.code, organization=activity.organization, **detail)
