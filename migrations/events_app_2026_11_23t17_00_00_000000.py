"""Checks and indexes that Piccolo's columns cannot express."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-23T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules the columns cannot say"

CHECKS = {
    "organization": {
        "organization_not_own_parent": "parent IS DISTINCT FROM id",
        "organization_region_gb2260": "region ~ '^([0-9]{6})?$'",
        "organization_kind": "kind IN ('union', 'school', 'company', 'agency', 'law_firm', 'platform')",
    },
    "membership": {"membership_role": "role IN ('owner', 'organizer', 'gate', 'viewer')"},
    "host": {"host_role": "role IN ('host', 'organizer', 'co_organizer', 'supporter')"},
    "venue": {"venue_capacity": "capacity > 0"},
    "session": {
        "session_capacity": "capacity BETWEEN 1 AND 1000000",
        "session_counters": "taken >= 0 AND waiting >= 0 AND waiting_last >= waiting AND attended >= 0",
        "session_order": "starts_at < ends_at",
        "session_window": "opens_at < closes_at AND closes_at <= ends_at",
        "session_check_in": "check_in_opens_at < check_in_closes_at",
    },
    "person": {"person_phone": "phone ~ '^[0-9]{11,12}$'", "person_name": "name <> ''"},
    "registration": {
        "registration_ticket": "length(ticket) = 26",
        "registration_signature": "length(signature) = 64",
        "registration_pin": "pin ~ '^[0-9]{6}$'",
    },
    "seat": {
        "seat_state": "state IN ('pending', 'confirmed', 'waitlisted', 'offered', 'released')",
        "seat_waiting_has_number": "(state = 'waitlisted') = (waiting_number IS NOT NULL)",
        "seat_released_has_time": "(state = 'released') = (released_at IS NOT NULL)",
        "seat_attended_has_evidence": "(attended_at IS NULL) = (evidence IS NULL)",
        "seat_inside_attended": "NOT inside OR attended_at IS NOT NULL",
        "seat_evidence": "evidence IN ('scan', 'self', 'roster', 'paper', 'later')",
    },
    "scan": {"scan_direction": "direction IN ('in', 'out')"},
}

INDEXES = (
    # One waiting number per session, and the next in line without a sort.
    "CREATE UNIQUE INDEX seat_next_in_line ON seat (session, waiting_number) WHERE state = 'waitlisted'",
    # The attendee list, paged by id.
    "CREATE INDEX seat_session_id ON seat (session, id)",
    # A session's scans, newest first.
    "CREATE INDEX scan_session_id ON scan (session, id)",
    # An activity list of one organization.
    "CREATE INDEX activity_organization_published ON activity (organization, published_at)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)

    async def run() -> None:
        from events_app.lib.database import fetch

        for table, checks in CHECKS.items():
            for name, rule in checks.items():
                await fetch(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})")
        for index in INDEXES:
            await fetch(index)

    manager.add_raw(run)
    return manager
