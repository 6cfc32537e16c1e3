"""Calendar feeds: a body that is made only when it changed."""

from datetime import timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

import msgspec
from litestar import Request, Response

from events_app.lib import ical, language
from events_app.schedules.rules.feed import Appointment, entries

FEED_REMEMBERS = timedelta(days=180)
MOST_IN_A_FEED = 2000


def answer_feed(
    request: Request, name: str, appointments: list[Appointment], url: str, cached: str = "public"
) -> Response[bytes]:
    """A calendar called `name`, or 304 for a client that has it; `url` is the page for people."""
    coding = _coding(request)
    tag = _tag(name, appointments, coding)
    headers = {"etag": tag, "cache-control": f"{cached}, no-cache"}
    if appointments:
        headers["last-modified"] = format_datetime(max(a.updated_at for a in appointments), usegmt=True)
    if coding == "plain":  # where it compresses, Litestar says so itself
        headers["vary"] = "Accept-Encoding"
    if _is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    made = entries(appointments, request.app.state.settings.base_url)
    body = _body(language.current.get(), name, made, url)
    return Response(body, media_type=ical.MEDIA_TYPE, headers=headers)


@lru_cache(maxsize=32)
def _body(_language: str, name: str, entries: tuple[ical.Entry, ...], url: str) -> bytes:
    """Two hundred entries take 40 ms to write, and a school's whole staff asks for the same ones every hour."""
    return ical.calendar(name, entries, url=url, subscribed=True)


def _coding(request: Request) -> str:
    """How the answer will be compressed."""
    accepted = request.headers.get("accept-encoding", "")
    return next((coding for coding in ("br", "gzip") if coding in accepted), "plain")


def _tag(name: str, appointments: list[Appointment], coding: str) -> str:
    """A strong ETag from what the body is made of: asking whether a feed changed costs no calendar.

    Compressed and plain bodies are two (RFC 9110 §8.8.3), so each coding has its own.
    """
    made_of = msgspec.json.encode((ical.FORM, language.current.get(), name, appointments))
    return f'"{sha256(made_of).hexdigest()[:32]}-{coding}"'


def _is_known(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in known.split(","))
