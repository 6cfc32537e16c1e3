"""QR codes as inline SVG."""

from functools import lru_cache
from io import BytesIO
from typing import Literal


@lru_cache(maxsize=256)
def svg(text: str, level: Literal["M", "Q"], label: str) -> str:
    """An <svg> with the 4-module quiet zone of ISO/IEC 18004 §9.1 in white; level Q for tickets, M for posters."""
    import qrcode  # here, not above: it brings 10 MB that most processes never need
    from qrcode.image.svg import SvgPathFillImage

    levels = {"M": qrcode.ERROR_CORRECT_M, "Q": qrcode.ERROR_CORRECT_Q}
    code = qrcode.QRCode(error_correction=levels[level], border=4, image_factory=SvgPathFillImage)
    code.add_data(text)
    out = BytesIO()
    code.make_image().save(out)
    body = out.getvalue().decode().partition("?>")[2].strip()
    return body.replace("<svg", f'<svg class="qr" role="img" aria-label="{label}"', 1)
