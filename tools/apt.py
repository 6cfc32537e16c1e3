"""Install Debian packages where nobody needs to be asked: as root, or with a sudo that wants no password."""

import os
import shutil
import subprocess
import sys

ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}


def install(packages: list[str]) -> bool:
    """Whether the packages are installed now."""
    if not shutil.which("apt-get") or not _may():
        return False
    print(f"setup: apt-get install {' '.join(packages)}", flush=True)
    _apt("update", "-qq")  # may fail for a source that we do not need
    return _apt("install", "-qq", "-y", "--no-install-recommends", *packages)


def _may() -> bool:
    return os.geteuid() == 0 or subprocess.run([*_sudo(), "true"], capture_output=True).returncode == 0


def _sudo() -> list[str]:
    if os.geteuid() == 0:
        return []
    return ["sudo", "--non-interactive"] if shutil.which("sudo") else ["false"]


def _apt(*arguments: str) -> bool:
    settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    command = [*_sudo(), "env", *settings, "apt-get", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(0 if install(sys.argv[1:]) else 1)
