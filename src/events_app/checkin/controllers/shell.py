"""What the gate's pages need when there is no network: the service worker that keeps it on the device."""

import hashlib
import json

from litestar import Controller, Request, Response, get

from events_app.web.assets import Assets
from events_app.web.security import anyone

_WORKER = "js/shell-worker.js"
_SCRIPTS = ("js/app.js", "js/gate.js", "js/gates.js", "js/wechat.js", "js/decode-worker.js")
_OTHERS = (
    *("css/app.css", "css/manage.css", "css/gate.css", "vendor/htmx.js", "vendor/zxing/zxing_reader.wasm"),
    *("gate.webmanifest", "img/mark.svg", "img/gate-192.png", "img/gate-touch-180.png"),
)


class ShellController(Controller):
    """For everybody: a device whose gate is revoked still gets the newer one."""

    guards = (anyone,)
    include_in_schema = False

    @get("/gate/sw.js", sync_to_thread=False)
    def show(self, request: Request) -> Response[bytes]:
        files: Assets = request.app.state.assets
        shell = sorted(files.url(name) for name in _names(files))
        version = hashlib.sha256(json.dumps(shell).encode()).hexdigest()[:10]
        told = f"const SHELL = {json.dumps(shell)};\nconst VERSION = {json.dumps(version)};\n"
        return Response(
            told.encode() + files.files[_WORKER].body,
            media_type="text/javascript",
            headers={"cache-control": "no-cache"},
        )


def _names(files: Assets) -> set[str]:
    return {name for script in _SCRIPTS for name in files.modules(script)} | set(_OTHERS)
