"""What planning needs beside its columns: codes and states for the rows that are there, checks and indexes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-23T18:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of planning the columns cannot say"

# Codes as lib/codes.new_code writes them: eight characters of Crockford's base 32 in lower case.
CODE = """(SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + floor(random() * 32)::int, 1), '')
            FROM generate_series(1, 8) WHERE {table}.id IS NOT NULL)"""
FILL = (
    f"UPDATE venue SET code = {CODE.format(table='venue')}",
    f"UPDATE guest SET code = {CODE.format(table='guest')}",
    "UPDATE activity SET state = 'published' WHERE published_at IS NOT NULL",
)

STATES = "'draft', 'submitted', 'returned', 'approved', 'published', 'postponed', 'called_off'"
CHECKS = {
    "activity": {"activity_state": f"state IN ({STATES})"},
    "transition": {
        "transition_states": f"from_state IN ({STATES}) AND to_state IN ({STATES}) AND from_state <> to_state"
    },
    "venue": {
        "venue_not_in_itself": "parent IS DISTINCT FROM id",
        "venue_place": "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
    },
    "opening_hours": {"opening_hours_order": "opens < closes", "opening_hours_weekday": "weekday BETWEEN 0 AND 6"},
    "picture": {"picture_of_one": "num_nonnulls(activity, venue) = 1"},
    "guest": {"guest_weekdays": "weekdays BETWEEN 0 AND 127", "guest_region": "region ~ '^([0-9]{6})?$'"},
    "absence": {"absence_order": "first_day <= last_day"},
    "invitation": {
        "invitation_of_one": "num_nonnulls(guest, organization) = 1",
        "invitation_answer": "answer IN ('open', 'accepted', 'declined', 'countered')",
        "invitation_other_time": "(answer = 'countered') = (starts_at IS NOT NULL) AND"
        " (starts_at IS NULL) = (ends_at IS NULL) AND (starts_at IS NULL OR starts_at < ends_at)",
    },
    "feed": {"feed_of_one": "num_nonnulls(guest, organization) = 1"},
    "batch": {"batch_source": "source IN ('repeat', 'table', 'copy')"},
    "policy": {"policy_travel_speed": "travel_speed BETWEEN 1 AND 1000"},
    "message": {"message_recipient_kind": "recipient_kind IN ('registration', 'guest', 'organization')"},
}

INDEXES = (
    "CREATE UNIQUE INDEX venue_code_uq ON venue (code)",
    "CREATE UNIQUE INDEX guest_code_uq ON guest (code)",
    "CREATE UNIQUE INDEX venue_organization_parent_name_address_uq"
    " ON venue (organization, COALESCE(parent, 0), name, address)",
    # What happens at one place, at one school, under one organiser at a time: clashes and timelines.
    "CREATE INDEX session_venue_starts_at ON session (venue, starts_at)",
    "CREATE INDEX session_site_starts_at ON session (site, starts_at)",
    "CREATE INDEX session_in_charge_starts_at ON session (in_charge, starts_at)",
    # What one recipient was told, newest first.
    "CREATE INDEX message_recipient ON message (recipient_kind, recipient, id)",
    # What happened to one thing.
    "CREATE INDEX audit_entry_subject ON audit_entry (subject, id)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)

    async def run() -> None:
        from events_app.lib.database import fetch

        for statement in FILL:
            await fetch(statement)
        for table, checks in CHECKS.items():
            for name, rule in checks.items():
                await fetch(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})")
        for index in INDEXES:
            await fetch(index)

    manager.add_raw(run)
    return manager
