"""What scans and gates need beside their columns: older scans told apart, checks, and indexes of what is rare."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T02:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of scans and gates the columns cannot say"

FILL = (
    "UPDATE scan SET let_in = true WHERE verdict = 'admitted'",
    "UPDATE roster SET arrival_code = upper(substr(encode(sha256(secret::bytea), 'hex'), 1, 26))",
    # The last time somebody came or went, and how long they were in: as far as the scans tell.
    """WITH told AS (
           SELECT seat, at, direction,
                  lag(at) OVER w AS before, lag(direction) OVER w AS direction_before
             FROM scan WHERE let_in AND seat IS NOT NULL
           WINDOW w AS (PARTITION BY seat ORDER BY at, nonce)
       ), stays AS (
           SELECT seat, max(at) AS moved_at,
                  sum(CASE WHEN direction = 'out' AND direction_before = 'in'
                           THEN floor(extract(epoch FROM at - before)) ELSE 0 END)::int AS seconds
             FROM told GROUP BY seat
       )
       UPDATE seat SET moved_at = stays.moved_at, seconds = stays.seconds FROM stays WHERE seat.id = stays.seat""",
    "UPDATE seat SET moved_at = attended_at, inside = true WHERE attended_at IS NOT NULL AND moved_at IS NULL",
)

# What stands here already under the same name is replaced.
CHECKS = {
    "activity": {
        "activity_minimum_minutes": "minimum_minutes > 0",
        "activity_session_hours": "session_hours > 0",
        "activity_certificate_hours": "certificate_hours > 0",
    },
    "headcount": {"headcount_attended": "attended BETWEEN 0 AND number"},
    "seat": {
        "seat_seconds": "seconds >= 0",
        "seat_inside_has_come": "NOT inside OR attended_at IS NOT NULL",
    },
    "gate": {
        "gate_one_scope": "(session IS NULL) <> (activity IS NULL)",
        "gate_hours": "opens_at < closes_at",
        "gate_opened": "(opened_at IS NULL) = (device_digest IS NULL)",
        "gate_link_is_used_up": "opened_at IS NULL OR link IS NULL",
    },
    "scan": {
        "scan_direction": "direction IN ('in', 'out', 'undo')",
        "scan_undoes": "(direction = 'undo') = (undoes IS NOT NULL)",
        "scan_evidence": "evidence IN ('scan', 'self', 'roster', 'paper', 'later')",
        "scan_distance": "distance >= 0",
    },
}

# Most scans have none of these: an index of the others costs those nothing.
INDEXES = (
    "CREATE INDEX scan_gate ON scan (gate) WHERE gate IS NOT NULL",
    "CREATE INDEX scan_device ON scan (session, device) WHERE device <> ''",
    # What an organiser may have to look at.
    """CREATE INDEX scan_strange ON scan (session)
        WHERE settled_at IS NULL AND (verdict = 'flagged' OR let_in AND verdict <> 'admitted')""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)

    async def run() -> None:
        from events_app.lib.database import fetch

        for statement in FILL:
            await fetch(statement)
        for table, checks in CHECKS.items():
            for name, rule in checks.items():
                await fetch(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
                await fetch(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})")
        for index in INDEXES:
            await fetch(index)

    manager.add_raw(run)
    return manager
