"""A database cluster on disk: where it lies, who owns it, how it is made."""

import fcntl
import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from events_app.lib import secret_file
from events_app.lib.postgres import binaries
from events_app.lib.postgres.account import Account
from events_app.lib.postgres.errors import PostgresError, from_output

ROLE = "events"
DATABASE = "events"
# Passwords only, from this machine only, for the application's role only: the superuser cannot log in at all.
HOST_RULES = f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n"

_PASSWORD_LENGTH = 32


@dataclass(frozen=True)
class Cluster:
    """Everything lies in `home`, which is `data_dir` wherever possible: data, password, log, and lock files."""

    data_dir: Path
    home: Path
    account: Account
    programs: binaries.Binaries

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def password_file(self) -> Path:
        return self.home / "postgres.password"

    def dsn(self, port: int) -> str:
        return f"postgresql://{ROLE}:{self.password()}@127.0.0.1:{port}/{DATABASE}"

    def password(self) -> str:
        """Raises PostgresError when there is none, or half a one."""
        if not self.password_file.exists():
            raise PostgresError(
                f"{self.password_file} is missing: stop the PostgreSQL that runs on {self.data} and start again."
            )
        password = self.password_file.read_text().strip()
        if len(password) < _PASSWORD_LENGTH:
            raise PostgresError(
                f"{self.password_file} holds no whole password: stop the PostgreSQL that runs on {self.data}, "
                "remove the file, and start again."
            )
        return password

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server; the others wait here."""
        with (self.home / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def joined(self) -> Iterator[IO[str]]:
        """Count ourselves among the users until the file is closed: by us, or by the kernel when we are killed."""
        with (self.home / "postgres.users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            yield users


def locate(data_dir: Path) -> Cluster:
    """Find the place for this data directory, and the account and the programs for that place."""
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    link = data_dir / "postgres"
    if link.is_symlink() and not link.is_dir():
        raise PostgresError(
            f"{link} points to {link.readlink()}, which is missing: bring it back, or remove the link to start empty."
        )
    account = Account.owning(link)
    return Cluster(data_dir, _home(data_dir, account), account, binaries.find(account))


def _home(data_dir: Path, account: Account) -> Path:
    link = data_dir / "postgres"
    if link.is_symlink():
        return link.resolve().parent
    if link.is_dir() or account.reaches(data_dir):
        return data_dir
    # The account may not enter, and opening somebody's private directories is not ours to do.
    home = binaries.SHARED_HOME / hashlib.sha256(bytes(data_dir)).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    for directory in (binaries.SHARED_HOME, home):
        directory.chmod(0o755)
    return home


def prepare(cluster: Cluster, *, durable: bool) -> None:
    """Make the cluster when there is none; refuse one that these programs or this account cannot serve."""
    if not cluster.data.exists():
        _create(cluster, durable=durable)
    _check_version(cluster)
    _check_owner(cluster)
    if not cluster.password_file.exists():
        password = _new_password()
        _run_alone(cluster, cluster.data, f"ALTER ROLE {ROLE} PASSWORD '{password}'\n")
        _keep_password(cluster, password)
    cluster.password()
    _link(cluster)


def _link(cluster: Cluster) -> None:
    link = cluster.data_dir / "postgres"
    if not link.exists():
        link.symlink_to(cluster.data)


def _create(cluster: Cluster, *, durable: bool) -> None:
    """Build under another name and rename, so that a start killed half way leaves nothing that looks whole."""
    partial = cluster.home / "postgres.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    cluster.account.give(partial)
    _initdb(cluster, partial, durable=durable)
    password = _new_password()
    role = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
    _run_alone(cluster, partial, f"{role}CREATE DATABASE {DATABASE} OWNER {ROLE}\n")
    (partial / "pg_hba.conf").write_text(HOST_RULES)
    _keep_password(cluster, password)
    partial.rename(cluster.data)


def _initdb(cluster: Cluster, data: Path, *, durable: bool) -> None:
    options = [
        "--username=postgres",
        "--auth=reject",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
    ]
    if not durable:
        options.append("--no-sync")
    done = cluster.account.run([cluster.programs / "initdb", "-D", data, *options])
    if done.returncode:
        raise from_output("make a new database", done.stdout, cluster.home)


def _run_alone(cluster: Cluster, data: Path, sql: str) -> None:
    """Run one statement a line in PostgreSQL's single-user mode: it needs neither a password nor a port."""
    options = ["-c", "exit_on_error=on", "postgres"]
    done = cluster.account.run([cluster.programs / "postgres", "--single", "-D", data, *options], sql)
    if done.returncode:
        raise from_output("set up its role", done.stdout, cluster.home)


def _new_password() -> str:
    return secrets.token_urlsafe(_PASSWORD_LENGTH * 3 // 4)


def _keep_password(cluster: Cluster, password: str) -> None:
    secret_file.keep(cluster.password_file, password)


def _check_version(cluster: Cluster) -> None:
    file = cluster.data / "PG_VERSION"
    if not file.exists():
        raise PostgresError(
            f"{cluster.data} holds no PostgreSQL data: move it away, or set another EVENTS_DATA_DIR."
        )
    written, installed = file.read_text().strip(), str(cluster.programs.major)
    if written != installed:
        raise PostgresError(
            f"The data in {cluster.data} was written by PostgreSQL {written}, but PostgreSQL {installed} runs here: "
            "back it up with the version of events that made it, and restore the backup into a new EVENTS_DATA_DIR."
        )


def _check_owner(cluster: Cluster) -> None:
    owner = Account(cluster.data.stat().st_uid, 0)
    if owner.uid != cluster.account.uid:
        raise PostgresError(
            f"The data in {cluster.data} belongs to the account “{owner.name}”, but PostgreSQL would run as "
            f"“{cluster.account.name}”: give it to that account, or set another EVENTS_DATA_DIR."
        )
