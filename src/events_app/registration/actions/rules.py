"""Changing an activity's rules of registration."""

from typing import Any

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.programmes.actions.activities import organizations_named, own_activity
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.queries.life import lock_sessions
from events_app.programmes.rules.life import check_editable
from events_app.programmes.tables import Activity, Extent, Programme
from events_app.registration.forms import RulesForm
from events_app.registration.queries import rules as queries
from events_app.registration.queries.places import touch_sessions
from events_app.registration.queries.rules import RulesRow, UnitQuota
from events_app.registration.rules.rule_changes import Rules, changed_fields, rule_errors, rule_name


async def own_rules(me: Me, code: str) -> tuple[ActivityRow, RulesRow, list[UnitQuota]]:
    """Raises NotFound for an activity that `me` does not organise."""
    activity = await own_activity(me, code)
    rules = await queries.find_rules(activity.id, me.organizations(ORGANIZING))
    return activity, rules, await queries.list_unit_quotas(activity.id)


@again_after_deadlock
async def change_rules(me: Me, code: str, form: RulesForm) -> None:
    """From now on these rules count; whoever is registered stays.

    Raises NotFound, Invalid for what stands against it, and Refused when somebody else changed them meanwhile.
    """
    chosen = await _units(form)
    activity = await own_activity(me, code)
    check_editable(activity.state)
    async with transaction():
        await lock_sessions(
            activity.id
        )  # nobody registers under the old rules while the new ones are looked at
        activity, before, units = await own_rules(me, code)
        _check_unchanged(before, units, form)
        after = _rules(before, form)
        errors = rule_errors(before, after, await queries.find_held(activity.id), len(chosen))
        if errors:
            raise Invalid(errors)
        await _save(activity, before, after)
        await queries.set_units(activity.id, list(chosen), list(chosen.values()))
        await touch_sessions(
            activity.id, before.programme if after.programme_most != before.programme_most else None
        )
        changes = _changes(before, units, after, form.units())
        await audit(me, "activity.rules", code, organization=activity.organization, changes=changes)


def rule_fields(rules: Rules, units: list[tuple[str, int | None]]) -> dict[str, str]:
    """As texts that can be compared: what the form remembers of when it was opened."""
    columns = {name: getattr(rules, name) for name in Rules.__struct_fields__}
    texts = {name: "" if value is None or value is False else str(value) for name, value in columns.items()}
    named = sorted(f"{name}:{places or ''}" for name, places in units)
    return {**texts, "units": "\n".join(named)}


def stored_fields(rules: Rules, units: list[UnitQuota]) -> dict[str, str]:
    return rule_fields(rules, [(unit.name, unit.places) for unit in units])


def _rules(before: RulesRow, form: RulesForm) -> Rules:
    """What was sent; what does not apply to it is left out, and what is not ours stays."""
    sent = {name: getattr(form, name) for name in Rules.__struct_fields__}
    if form.extent != Extent.SEVERAL:
        sent["most_sessions"] = None
    if not form.certificates:
        sent["certificate_hours"] = None
    if not before.programme_own:
        sent["programme_most"] = before.programme_most
    return Rules(**sent)


def _check_unchanged(before: RulesRow, units: list[UnitQuota], form: RulesForm) -> None:
    changed = changed_fields(form.base, stored_fields(before, units))
    if changed:
        names = listed(rule_name(field) for field in changed)
        raise Refused(
            _("您打开这一页以后，有人改过：%(names)s。请核对后再保存，保存后以您的为准。", names=names),
            "changed",
        )


async def _units(form: RulesForm) -> dict[int, int | None]:
    """Places by organization; raises Invalid for names that nobody has, and for those that stand there twice."""
    names = [name for name, _places in form.units()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid({"unit_name": _("这些单位写了不止一次：%(names)s。请各留一行。", names=listed(twice))})
    known = await organizations_named(names)
    unknown = [name for name in names if name not in known]
    if unknown:
        sentence = _("没有这些组织：%(names)s。请从列表中选择，或先在“组织”页面添加。", names=listed(unknown))
        raise Invalid({"unit_name": sentence})
    return {known[name]: places for name, places in form.units()}


async def _save(activity: ActivityRow, before: RulesRow, after: Rules) -> None:
    columns: dict[Any, Any] = msgspec.structs.asdict(after)
    programme_most = columns.pop("programme_most")
    columns["updated_at"] = clock.now()
    await Activity.update(columns).where(Activity.id == activity.id)
    if programme_most != before.programme_most:
        await Programme.update({Programme.most_sessions: programme_most}).where(
            Programme.id == before.programme
        )


def _changes(
    before: Rules, units: list[UnitQuota], after: Rules, named: list[tuple[str, int | None]]
) -> dict[str, list[str]]:
    """Old and new by field, for the audit."""
    old, new = stored_fields(before, units), rule_fields(after, named)
    return {field: [old[field], new[field]] for field in old if old[field] != new[field]}
