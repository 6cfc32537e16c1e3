"""An uploaded picture, made anew: what leaves is pixels, not what the file carried along."""

import struct
from io import BytesIO

from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _

_LONGEST_SIDE = 1600
_MOST_PIXELS = 50_000_000


def webp(upload: bytes) -> tuple[bytes, tuple[int, int]]:
    """WebP bytes and (width, height), upright, at most 1600 px; raises Invalid for anything but JPEG, PNG or WebP."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        picture = Image.open(BytesIO(upload), formats=("JPEG", "PNG", "WEBP"))
        if picture.width * picture.height > _MOST_PIXELS:
            raise Invalid({"picture": _("图片太大，请缩小到5000万像素以内。")})
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        struct.error,
        Image.DecompressionBombError,
    ):
        raise Invalid({"picture": _("请上传JPEG、PNG或WebP图片。")}) from None
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = BytesIO()
    upright.save(out, "WEBP", quality=82)
    return out.getvalue(), upright.size
