"""QR codes as inline SVG."""

from functools import lru_cache
from io import BytesIO
from typing import Literal


@lru_cache(maxsize=256)
def svg(text: str, level: Literal["M", "Q"]) -> str:
    """An <svg>, named by what surrounds it, in the white 4-module quiet zone of ISO/IEC 18004 §9.1.

    Level Q for tickets, which are shown on scratched phones; M for posters, which are scanned from afar.
    """
    import qrcode  # here, not above: it brings 10 MB that most processes never need
    from qrcode.image.svg import SvgPathFillImage

    levels = {"M": qrcode.ERROR_CORRECT_M, "Q": qrcode.ERROR_CORRECT_Q}
    code = qrcode.QRCode(error_correction=levels[level], border=4, image_factory=SvgPathFillImage)
    code.add_data(text)
    out = BytesIO()
    code.make_image().save(out)
    body = out.getvalue().decode().partition("?>")[2].strip()
    return body.replace("<svg", '<svg aria-hidden="true"', 1)
