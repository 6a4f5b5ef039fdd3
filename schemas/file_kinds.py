"""Recognises files that are not CSV by their first bytes.

A workbook that is sent in place of CSV is refused by its name, so that nobody looks for an
encoding. Workbooks are not read, because a few kilobytes can unpack to gigabytes: the web app makes
CSV of an Excel workbook before it sends it.
"""

import re
from collections.abc import Mapping

from voting.faults import Fault, Invalid

WORKBOOKS = {
    "Excel": re.compile(
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE, as .xls, and as .xlsx with a password
        rb"|\x09[\0\x02\x04\x08][\x04-\x10]\0|PK\x03\x04.{0,60000}(?:xl/|\[Content_Types\]\.xml)",
        re.DOTALL,
    ),
    "OpenDocument": re.compile(rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", re.DOTALL),
    "Numbers": re.compile(rb"PK\x03\x04.{0,60000}Index/", re.DOTALL),
}
OTHERS = {
    "PDF": re.compile(rb"\s{0,1000}%PDF-"),
    "RTF": re.compile(rb"\{\\rtf"),
    "ZIP": re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
    "GZIP": re.compile(rb"\x1f\x8b\x08"),
    "7-Zip": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "RAR": re.compile(rb"Rar!\x1a\x07"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "HTML": re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1000}<(?:!doctype|html|head|table|meta)\b", re.I),
    "XML": re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1000}<\?xml\b", re.I),
}


def require_plain(raw: bytes) -> None:
    """Raise `Invalid` for a workbook, a web page or another file that is not plain text."""
    if kind := _kind_of(raw, WORKBOOKS):
        raise Invalid(Fault("", "workbook", kind))
    if kind := _kind_of(raw, OTHERS):
        raise Invalid(Fault("", "other_file", kind))


def _kind_of(raw: bytes, kinds: Mapping[str, re.Pattern[bytes]]) -> str:
    return next((kind for kind, begins in kinds.items() if begins.match(raw)), "")
