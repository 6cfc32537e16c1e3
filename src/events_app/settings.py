"""Every knob. The only reader of os.environ."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from events_app.lib import secret_file

_SHORTEST_KEY = 32
os.environ.setdefault("PICCOLO_CONF", "events_app.piccolo_conf")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which and what to write."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a process needs to know. `database_url` is None for the embedded server in `data_dir`."""

    database_url: str | None
    data_dir: Path
    base_url: str
    secret_key: bytes
    host: str
    port: int
    workers: int
    production: bool

    @property
    def https(self) -> bool:
        """Whether people reach us through TLS: cookies are then Secure and carry the __Host- prefix."""
        return self.base_url.startswith("https://")


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read EVENTS_…; raises SettingsError, in production also for every setting left at its default."""
    env = os.environ if environ is None else environ
    production = _one_of(env, "EVENTS_ENV", ("development", "production")) == "production"
    if production:
        _refuse_defaults(env)
    data_dir = Path(env.get("EVENTS_DATA_DIR", "var")).absolute()
    port = _whole(env, "EVENTS_PORT", 8000, 1, 65535)
    return Settings(
        database_url=env.get("EVENTS_DATABASE_URL") or None,
        data_dir=data_dir,
        base_url=_base_url(env.get("EVENTS_BASE_URL") or f"http://127.0.0.1:{port}", production=production),
        secret_key=_secret_key(env.get("EVENTS_SECRET_KEY"), data_dir),
        host=env.get("EVENTS_HOST", "127.0.0.1"),
        port=port,
        workers=_whole(env, "EVENTS_WORKERS", 2, 1, 64),
        production=production,
    )


def to_environment(settings: Settings) -> dict[str, str]:
    """The same settings for the worker processes, which read them again."""
    return {
        "EVENTS_DATABASE_URL": settings.database_url or "",
        "EVENTS_DATA_DIR": str(settings.data_dir),
        "EVENTS_BASE_URL": settings.base_url,
        "EVENTS_SECRET_KEY": settings.secret_key.decode(),
        "EVENTS_HOST": settings.host,
        "EVENTS_PORT": str(settings.port),
        "EVENTS_WORKERS": str(settings.workers),
        "EVENTS_ENV": "production" if settings.production else "development",
    }


def export(settings: Settings, **more: str) -> None:
    """Put the settings where child processes look for them."""
    os.environ.update(to_environment(settings) | more)


def _refuse_defaults(env: Mapping[str, str]) -> None:
    for name in ("EVENTS_DATABASE_URL", "EVENTS_BASE_URL", "EVENTS_SECRET_KEY"):
        if not env.get(name):
            raise SettingsError(f"{name} is not set; EVENTS_ENV=production runs on no defaults.")
    if len(env["EVENTS_SECRET_KEY"]) < _SHORTEST_KEY:
        raise SettingsError(
            f"EVENTS_SECRET_KEY is shorter than {_SHORTEST_KEY} characters; make one with: openssl rand -hex 32"
        )


def _base_url(value: str, *, production: bool) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query + parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"EVENTS_BASE_URL is {value!r}; write it like https://events.example.org")
    if production and parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise SettingsError(
            f"EVENTS_BASE_URL is {value!r}: over http anybody on the way reads passwords and tickets; use https."
        )
    return value.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret_key(value: str | None, data_dir: Path) -> bytes:
    """The given key, or in development one that is made once and stays with the data."""
    if value:
        return value.encode()
    file = data_dir / "secret-key"
    data_dir.mkdir(parents=True, exist_ok=True)
    key = secret_file.kept(file, secrets.token_hex(32))
    if len(key) < _SHORTEST_KEY:
        raise SettingsError(
            f"{file} holds no whole key: bring back the one that signed the tickets, or remove the file for a new one."
        )
    return key.encode()


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = env.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SettingsError(f"{name} is {value!r}; write a whole number from {least} to {most}.")
    return int(value)


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name) or choices[0]
    if value not in choices:
        raise SettingsError(f"{name} is {value!r}; write one of: {', '.join(choices)}.")
    return value
