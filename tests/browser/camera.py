"""What a camera at the door sees, as a file for Chromium's fake camera, and as a photo."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (1280, 720)
FRAMES_PER_SECOND = 10
_HAND = (236, 232, 226)
_WALL = (96, 92, 88)


def flags(path: Path, rate: int = FRAMES_PER_SECOND) -> list[str]:
    """For a Chromium whose camera is this file, allowed without asking; it is read whenever a page opens the camera."""
    return [
        "--use-fake-ui-for-media-stream",
        f"--use-fake-device-for-media-stream=fps={rate}",
        f"--use-file-for-fake-video-capture={path}",
    ]


def write_film(path: Path, scenes: Sequence[tuple[str, float]], rate: int = FRAMES_PER_SECOND) -> None:
    """An .mjpeg of scenes: a code's text (or "" for nobody there) and seconds. It loops."""
    with path.open("wb") as film:
        for text, seconds in scenes:
            film.write(jpeg(text) * round(seconds * rate))


def jpeg(text: str, size: tuple[int, int] = SIZE, behind: str = "") -> bytes:
    """A phone with a ticket, held a little askew before a dark wall; a poster with a code may hang there."""
    picture = Image.new("RGB", size, _WALL)
    if behind:
        picture.paste(_code(behind, size[1] // 3), (20, 20))
    if text:
        code = _code(text, size[1] * 2 // 3).rotate(7, expand=True, fillcolor=_HAND)
        picture.paste(code, ((size[0] - code.width) // 2, (size[1] - code.height) // 2))
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _code(text: str, pixels: int) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=4)
    code.add_data(text)
    image: Image.Image = code.make_image().get_image().convert("RGB")
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)
