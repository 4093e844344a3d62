"""The virus scanner, if there is one: clamd at `CLAMD`, asked by its command INSTREAM."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone

from identity.failures import cases
from identity.models import Failure
from vendors.documents.refusals import infected
from vendors.models import Document

CONNECT_WITHIN = 5  # seconds
ANSWER_WITHIN = 30


class ScannerUnavailable(Exception):
    """It cannot be reached, or says something else than yes or no."""


class Infected(Exception):
    pass


def scan_new(document: Document, upload: File) -> None:
    """Before it is kept. Raise Refused for a virus. When the scanner is down, the file waits until it is opened."""
    if not settings.CLAMD:
        return
    try:
        virus = scan(upload.chunks())
    except ScannerUnavailable:
        vendor = document.vendor
        cases.report(
            stage=Failure.Stage.ONBOARDING,
            reason="virus_scanner_down",
            user=vendor.user,
            address=vendor.address,
        )
        return
    if virus:
        raise infected(document.name, virus=virus)
    document.scanned_at = timezone.now()


def scan_before_opening(document: Document) -> None:
    """Raise Infected or ScannerUnavailable: nobody opens what has not been scanned."""
    if not settings.CLAMD:
        return
    if document.scanned_at is None:
        with document.file.open("rb") as content:
            document.virus = scan(content.chunks())[:100]
        document.scanned_at = timezone.now()
        document.save(update_fields=["scanned_at", "virus"])
    if document.virus:
        raise Infected


def scan(chunks: Iterable[bytes]) -> str:
    """What it found, by clamd's name for it; empty if nothing."""
    host, _colon, port = settings.CLAMD.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_WITHIN) as connection:
            connection.settimeout(ANSWER_WITHIN)
            answer = _ask(connection, chunks)
    except (OSError, ValueError) as error:
        raise ScannerUnavailable(type(error).__name__) from error
    if answer == "stream: OK":
        return ""
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerUnavailable(answer[:100])


def _ask(connection: socket.socket, chunks: Iterable[bytes]) -> str:
    connection.sendall(b"zINSTREAM\0")
    for chunk in chunks:
        if chunk:  # an empty one is the end
            connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
    connection.sendall(bytes(4))
    answer = bytearray()
    while not answer.endswith(b"\0") and len(answer) < 1000:
        received = connection.recv(1000)
        if not received:
            break
        answer += received
    return answer.decode("utf-8", "replace").strip("\0 \n")
