"""Pictures that were made to keep Passport busy."""

import struct
import zlib

import pytest

from tests.growth import assert_in_proportion
from tests.vendors.documents.test_inspection import ALL, jpeg, looking_into, png, refusal, upload
from vendors.documents.inspection import FILE_LIMIT, JPEG, check

ROOM = FILE_LIMIT - 1000
SMALLEST_CHUNK = struct.pack(">I", 0) + b"teXt" + struct.pack(">I", zlib.crc32(b"teXt"))


def with_parts(part: bytes, *, count: int | None = None) -> bytes:
    header = png()[:33]
    return header + part * (count or ROOM // len(part)) + png()[33:]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (lambda length: b"\xff\xd8" + b"\xff" * length + b"\xff\xd9", "photo.jpg"),
        (lambda length: b"\xff\xd8" + b"\xff\xe0\x00\x02" * (length // 4) + b"\xff\xd9", "photo.jpg"),
        (lambda length: b"\xff\xd8" + b"\xff\xe0\x00\x00" * (length // 4) + b"\xff\xd9", "photo.jpg"),
        (lambda length: with_parts(SMALLEST_CHUNK, count=length // len(SMALLEST_CHUNK)), "scan.png"),
    ],
    ids=["filling", "segments", "segments of no length", "chunks"],
)
def test_hostile_picture_is_refused_and_takes_no_longer_than_its_length(content, name):
    assert "can't be read" in refusal(content(ROOM), name)
    assert_in_proportion(lambda length: looking_into(content(length), name), length=ROOM)


def test_filling_before_a_marker_is_allowed():
    assert check(upload(jpeg().replace(b"\xff\xc0", b"\xff" * 50 + b"\xc0", 1), "photo.jpg"), kinds=ALL) == JPEG


def test_picture_in_many_small_parts_is_taken():
    assert check(upload(with_parts(SMALLEST_CHUNK, count=10_000), "scan.png"), kinds=ALL)
