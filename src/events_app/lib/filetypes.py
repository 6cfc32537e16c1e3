"""What an uploaded file is, told from its bytes; its name may lie."""

import zipfile
from io import BytesIO
from types import MappingProxyType

from events_app.lib.language import gettext as _

_OFFICE = "application/vnd.openxmlformats-officedocument"
# What is taken, by the ending of the name.
_TYPES = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".doc": "application/msword",
        ".docx": f"{_OFFICE}.wordprocessingml.document",
        ".xls": "application/vnd.ms-excel",
        ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
    }
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_PARTS = 5_000


def media_type(name: str, body: bytes) -> str:
    """Raises ValueError with a sentence for a file that we do not take, or that is not what its name says."""
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in _TYPES:
        raise ValueError(_("请上传PDF、Word、Excel文件，或JPEG、PNG、WebP图片。"))
    if _TYPES[ending] != _TYPES.get(_ending(body)):
        raise ValueError(_("文件内容与扩展名“%(ending)s”不符。请打开核对，另存后重新上传。", ending=ending))
    return _TYPES[ending]


def is_picture(kind: str) -> bool:
    return kind.startswith("image/")


def _ending(body: bytes) -> str:
    """How a file of these bytes should end; "" for anything that we do not take."""
    if body.startswith(b"%PDF-"):
        return ".pdf"
    if body.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return ".webp"
    if body.startswith(_OLE):
        return _old_office(body)
    return _new_office(body) if body.startswith(b"PK\x03\x04") else ""


def _old_office(body: bytes) -> str:
    """By the names of its streams, in UTF-16."""
    if "WordDocument".encode("utf-16-le") in body:
        return ".doc"
    return ".xls" if "Workbook".encode("utf-16-le") in body else ""


def _new_office(body: bytes) -> str:
    """By the parts in the zip's directory; nothing is unpacked. One with macros in it is not taken."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as parts:
            names = set(parts.namelist()[:_MOST_PARTS])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ""
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return ""
    if "word/document.xml" in names:
        return ".docx"
    return ".xlsx" if "xl/workbook.xml" in names else ""
