"""Tables that people keep in files: writing workbooks, and reading workbooks, CSV and what is pasted."""

from events_app.lib.sheets.reading import read_lines, read_table, read_text
from events_app.lib.sheets.writing import MEDIA_TYPE, Book, Column, Kind, Sheet, Value, file_name

__all__ = [
    "MEDIA_TYPE",
    "Book",
    "Column",
    "Kind",
    "Sheet",
    "Value",
    "file_name",
    "read_lines",
    "read_table",
    "read_text",
]
