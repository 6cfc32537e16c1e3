"""What comes in as a picture goes out as pixels, or is refused in words."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from events_app.lib.errors import Invalid
from events_app.lib.picture import webp

TURNED = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
BEYOND = struct.pack("<HHIi", 0x0100, 9, 1, -5)


def photograph(*rows: bytes) -> bytes:
    """A JPEG with these rows in its EXIF directory, as a camera or an attacker writes them."""
    directory = struct.pack("<H", len(rows)) + b"".join(rows) + bytes(4)
    out = BytesIO()
    Image.new("RGB", (8, 4)).save(out, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + directory)
    return out.getvalue()


def test_picture_is_turned_upright() -> None:
    assert webp(photograph(TURNED))[1] == (4, 8)


def test_picture_with_a_number_out_of_range_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        webp(photograph(BEYOND, TURNED))

    assert refused.value.errors == {"picture": "请上传JPEG、PNG或WebP图片。"}


def test_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    out = BytesIO()
    Image.new("1", (7100, 7100)).save(out, "PNG")

    with pytest.raises(Invalid) as refused:
        webp(out.getvalue())

    assert refused.value.errors == {"picture": "图片太大，请缩小到5000万像素以内。"}
