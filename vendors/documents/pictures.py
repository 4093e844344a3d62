"""JPEG and PNG: whole, and of a size that can be opened."""

from __future__ import annotations

import re
import struct
import zlib

from vendors.documents.refusals import too_many_pixels, unreadable

PIXEL_LIMIT = 100_000_000
# Far more than any program writes. Without a limit, ten megabytes of the smallest ones would take seconds to walk.
PARTS_LIMIT = 20_000

_MARKER = re.compile(rb"\xff+[^\xff]")


def check_png(content: bytes, name: str) -> None:
    """Walk the chunks to the last one; each has a sum."""
    at = 8
    kinds: list[bytes] = []
    while at + 12 <= len(content) and (not kinds or kinds[-1] != b"IEND"):
        size = int.from_bytes(content[at : at + 4], "big")
        chunk = content[at + 4 : at + 8 + size]
        checksum = content[at + 8 + size : at + 12 + size]
        if len(kinds) == PARTS_LIMIT or checksum != zlib.crc32(chunk).to_bytes(4, "big"):
            raise unreadable(name)
        kinds.append(chunk[:4])
        at += 12 + size
    if len(kinds) < 3 or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise unreadable(name)
    width, height = struct.unpack(">II", content[16:24])
    _check_pixels(width, height, name)


def check_jpeg(content: bytes, name: str) -> None:
    width, height, begins = _jpeg_size(content)
    # A phone may put a short film behind the picture, which nobody who shows the picture looks at.
    if not width or not height or b"\xff\xd9" not in content[begins:]:
        raise unreadable(name)
    _check_pixels(width, height, name)


def _jpeg_size(content: bytes) -> tuple[int, int, int]:
    """Walk the segments to the one that starts the picture: width, height, and where its points begin."""
    at = 2
    width = height = 0
    for _segment in range(PARTS_LIMIT):
        marker = _MARKER.match(content, at)  # any number of FF may stand before a marker
        if marker is None or marker.end() + 7 > len(content):
            break
        kind, at = content[marker.end() - 1], marker.end()
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 3 : at + 7])
        if kind == 0xDA:
            return width, height, at
        at += int.from_bytes(content[at : at + 2], "big")
    return 0, 0, at


def _check_pixels(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise unreadable(name)
    if width * height > PIXEL_LIMIT:
        raise too_many_pixels(name, width=width, height=height)
