"""The account PostgreSQL runs as: our own, or when we are root an unprivileged one, since it refuses root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from events_app.lib.postgres.errors import PostgresError

Command = Sequence[str | Path]
UNPRIVILEGED = ("nobody", "postgres")


@dataclass(frozen=True)
class Account:
    """`switch` says that our processes must change into this account first."""

    uid: int
    gid: int
    switch: bool = False

    @classmethod
    def owning(cls, data: Path) -> "Account":
        """The account for this data: root takes the account that owns it already, or else an unprivileged one."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if data.exists() and (owner := data.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid, switch=True)
        return cls._unprivileged()

    @classmethod
    def _unprivileged(cls) -> "Account":
        for entry in pwd.getpwall():
            if entry.pw_name in UNPRIVILEGED:
                return cls(entry.pw_uid, entry.pw_gid, switch=True)
        raise PostgresError(
            "PostgreSQL must not run as root, and there is no account “nobody” to run it as: create one."
        )

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def give(self, path: Path) -> None:
        """Hand one file or directory that we have just made over to this account."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def reaches(self, directory: Path) -> bool:
        if not self.switch:
            return True
        return self.run(["/bin/sh", "-c", 'cd "$0"', directory]).returncode == 0

    def run(self, command: Command, script: str = "") -> "subprocess.CompletedProcess[str]":
        """Run to the end with `script` as input; stdout and stderr come back together as stdout."""
        return subprocess.run(
            command,
            input=script,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=_environment(),
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )

    def spawn(self, command: Command, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start in a session of its own: a Ctrl-C in our terminal must not stop the database before us."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )


def _environment() -> dict[str, str]:
    """Nothing of ours: PG… variables would change the server, and our secrets are none of its business."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
