"""Pictures that were made to keep Passport busy."""

import struct
import time
import zlib

import pytest

from tests.vendors.documents.test_inspection import ALL, jpeg, png, refusal, upload
from vendors.documents.inspection import FILE_LIMIT, JPEG, check

ROOM = FILE_LIMIT - 1000
SMALLEST_CHUNK = struct.pack(">I", 0) + b"teXt" + struct.pack(">I", zlib.crc32(b"teXt"))


def with_parts(part: bytes, *, count: int | None = None) -> bytes:
    header = png()[:33]
    return header + part * (count or ROOM // len(part)) + png()[33:]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xd8" + b"\xff" * ROOM + b"\xff\xd9", "photo.jpg"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * (ROOM // 4) + b"\xff\xd9", "photo.jpg"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * (ROOM // 4) + b"\xff\xd9", "photo.jpg"),
        (with_parts(SMALLEST_CHUNK), "scan.png"),
    ],
    ids=["filling", "segments", "segments of no length", "chunks"],
)
def test_hostile_picture_is_refused_in_no_time(content, name):
    started = time.process_time()

    assert "can't be read" in refusal(content, name)

    assert time.process_time() - started < 0.3


def test_filling_before_a_marker_is_allowed():
    assert check(upload(jpeg().replace(b"\xff\xc0", b"\xff" * 50 + b"\xc0", 1), "photo.jpg"), kinds=ALL) == JPEG


def test_picture_in_many_small_parts_is_taken():
    assert check(upload(with_parts(SMALLEST_CHUNK, count=10_000), "scan.png"), kinds=ALL)
