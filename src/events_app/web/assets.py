"""Static files without a bundler: a content hash in the address, cached for ever, compressed once at start.

`url("css/app.css")` → /static/css/app.css?v=<hash>. A stylesheet's `@import url("x.css") layer(y)` lines are
replaced by the files they name, so people get one file and we keep one file per component. Modules import each
other by plain relative paths: the import map leads every /static/**/*.js to its hashed address.
"""

import gzip
import hashlib
import json
import mimetypes
import posixpath
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from events_app.lib.errors import NotFound
from events_app.web.security import anyone

_PACKAGED = Path(__file__).parents[1] / "static"
STATIC = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[3] / "static"

_TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json"}
_COMPRESSED = {".js", ".css", ".svg", ".wasm", ".webmanifest", ".json"}
_MODULE = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[\w./-]+\.js)["']""")
_IMPORT = re.compile(r'@import url\("([\w./-]+)"\)(?: layer\(([\w.]+)\))?;')
# A worker's policy is its file's own, not that of the page that starts it; ours reads codes with WebAssembly.
_WORKER = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_YEAR = "public, max-age=31536000, immutable"
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=11),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, its media type, ten hex digits of its hash, its compressed forms by coding, and what else
    it says of itself."""

    body: bytes
    type: str
    hash: str
    encoded: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Assets:
    """All files below `root`; compressed forms are kept in `cache` between starts."""

    def __init__(self, root: Path, cache: Path) -> None:
        self._cache = cache
        self.files = {
            path.relative_to(root).as_posix(): self._load(path)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        modules = [name for name in self.files if name.endswith(".js")]
        self.importmap = json.dumps({"imports": {f"/static/{name}": self.url(name) for name in modules}})
        digest = hashlib.sha256(self.importmap.encode()).digest()
        self.importmap_source = f"'sha256-{b64encode(digest).decode()}'"

    def url(self, name: str) -> str:
        """KeyError for a file that is not there: a page that names one fails in its test."""
        return f"/static/{name}?v={self.files[name].hash}"

    def modules(self, name: str) -> set[str]:
        """This module and all that it imports, by whatever way."""
        found: set[str] = set()
        coming = [name]
        while coming:
            here = coming.pop()
            found.add(here)
            paths = _MODULE.findall(self.files[here].body.decode())
            named = {posixpath.normpath(f"{posixpath.dirname(here)}/{path}") for path in paths}
            coming += named - found
        return found

    def _load(self, path: Path) -> Asset:
        body = _with_imports(path) if path.suffix == ".css" else path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        worth_it = path.suffix in _COMPRESSED and len(body) > 600
        encoded = {name: self._packed(digest, name, body) for name in _CODINGS} if worth_it else {}
        headers = {"content-security-policy": _WORKER} if path.stem.endswith("-worker") else {}
        return Asset(body, _media_type(path), digest[:10], encoded, headers)

    def _packed(self, digest: str, coding: str, body: bytes) -> bytes:
        file = self._cache / f"{digest}.{coding}"
        if not file.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{id(self)}")
            fresh.write_bytes(_CODINGS[coding](body))
            fresh.replace(file)  # whole or not at all, when workers start together
        return file.read_bytes()


def route(assets: Assets) -> HTTPRouteHandler:
    """GET /static/…, answering conditional requests with 304.

    Also below /gate/: a worker is looked after by the gate's service worker only if its own address lies there.
    """

    @get(
        ["/static/{name:path}", "/gate/static/{name:path}"],
        name="static",
        guards=[anyone],
        sync_to_thread=False,
        include_in_schema=False,
    )
    def static(request: Request, name: FromPath[str]) -> Response[bytes]:
        asset = assets.files.get(name.lstrip("/"))
        if asset is None:
            raise NotFound
        return _answer(request, asset)

    return static


def _answer(request: Request, asset: Asset) -> Response[bytes]:
    coding = _best_coding(request.headers.get("accept-encoding", ""), asset)
    headers = asset.headers | {
        "etag": f'"{asset.hash}-{coding or "plain"}"',
        "cache-control": _YEAR if request.query_params.get("v") == asset.hash else "no-cache",
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers)
    if coding:
        headers["content-encoding"] = coding
    return Response(asset.encoded.get(coding, asset.body), headers=headers, media_type=asset.type)


def _best_coding(accepted: str, asset: Asset) -> str:
    offered = {part.split(";")[0].strip() for part in accepted.split(",")}
    return next((coding for coding in asset.encoded if coding in offered), "")


def _with_imports(path: Path) -> bytes:
    def inlined(match: re.Match[str]) -> str:
        body = _with_imports(path.parent / match[1]).decode()
        return f"@layer {match[2]} {{\n{body}\n}}" if match[2] else body

    return _IMPORT.sub(inlined, path.read_text(encoding="utf-8")).encode()


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
