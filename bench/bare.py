"""The barest routes that could do the same: Litestar, Granian, raw asyncpg. No login, no audit, no rules.

They are the measure: one statement for a check-in, a transaction of two for a registration, one query and a plain
template for a page.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import minijinja
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath

TABLES = """
    DROP TABLE IF EXISTS bare_seat, bare_registration, bare_session;
    CREATE TABLE bare_session (id int PRIMARY KEY, capacity int NOT NULL, taken int NOT NULL DEFAULT 0);
    CREATE TABLE bare_seat (ticket text PRIMARY KEY, session int NOT NULL, holder text NOT NULL,
                            attended_at timestamptz);
    CREATE TABLE bare_registration (id bigserial PRIMARY KEY, session int NOT NULL, name text NOT NULL,
                                    phone text NOT NULL, UNIQUE (session, phone, name));
"""

CHECK_IN = """
    UPDATE bare_seat SET attended_at = now() WHERE ticket = $1 AND attended_at IS NULL RETURNING holder, attended_at
"""
REGISTER = """
    INSERT INTO bare_registration (session, name, phone) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id
"""
TAKE_PLACE = "UPDATE bare_session SET taken = taken + 1 WHERE id = $1 AND taken < capacity RETURNING taken"

_PAGES = minijinja.Environment(
    templates={
        "session.html": """<!doctype html><title>{{ s.title }}</title><h1>{{ s.title }}</h1>
            <p>{{ s.starts_at }} {{ s.name }} {{ s.address }}<p>{{ s.taken }} / {{ s.capacity }}""",
        "sessions.html": """<!doctype html><title>list</title><table>{% for s in rows %}
            <tr><td><a href="/s/{{ s.code }}">{{ s.title }}</a><td>{{ s.starts_at }}<td>{{ s.name }}
            <td>{{ s.taken }} / {{ s.capacity }}{% endfor %}</table>""",
        "attendees.html": """<!doctype html><title>list</title><table>{% for a in rows %}
            <tr><td>{{ a.name }}<td>{{ a.phone }}<td>{{ a.unit }}<td>{{ a.state }}<td>{{ a.attended_at }}
            {% endfor %}</table>""",
    }
)

SESSION = """
    SELECT s.code, a.title, s.starts_at, v.name, v.address, s.taken, s.capacity
      FROM session s JOIN activity a ON a.id = s.activity JOIN venue v ON v.id = s.venue
"""
ATTENDEES = """
    SELECT p.name, p.phone, r.unit, seat.state, seat.attended_at
      FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
      JOIN session s ON s.id = seat.session
     WHERE s.code = $1 ORDER BY seat.id LIMIT 50 OFFSET 2000
"""


@post("/check-ins")
async def check_in(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    row = await request.app.state.pool.fetchrow(CHECK_IN, data["ticket"])
    return dict(row) if row else {"refused": True}


@post("/registrations")
async def register(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.fetchval(REGISTER, data["session"], data["name"], data["phone"])
        taken = await connection.fetchval(TAKE_PLACE, data["session"])
    return {"taken": taken}


@get("/s/{code:str}")
async def show_session(request: Request, code: FromPath[str]) -> Response[str]:
    row = await request.app.state.pool.fetchrow(f"{SESSION} WHERE s.code = $1", code)
    return _html("session.html", s=dict(row))


@get("/sessions")
async def list_sessions(request: Request) -> Response[str]:
    rows = await request.app.state.pool.fetch(
        f"{SESSION} WHERE s.ends_at > now() ORDER BY s.starts_at LIMIT 200"
    )
    return _html("sessions.html", rows=[dict(row) for row in rows])


@get("/attendees/{code:str}")
async def list_attendees(request: Request, code: FromPath[str]) -> Response[str]:
    rows = await request.app.state.pool.fetch(ATTENDEES, code)
    return _html("attendees.html", rows=[dict(row) for row in rows])


def application() -> Litestar:
    routes = [check_in, register, show_session, list_sessions, list_attendees]
    return Litestar(routes, lifespan=[_pool], openapi_config=None, logging_config=None)


@asynccontextmanager
async def _pool(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["EVENTS_DATABASE_URL"], min_size=1, max_size=6) as pool:
        app.state.pool = pool
        yield


def _html(name: str, **context: Any) -> Response[str]:
    return Response(_PAGES.render_template(name, **context), media_type="text/html")
