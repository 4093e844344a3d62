"""Notes about a vendor: written, corrected and struck out by their author, pinned by anyone who writes notes."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from identity.models import User
from identity.text_direction import gettext as _
from vendors.models import Note, Vendor, VendorState

LONGEST = 2000


class NotYours(Exception):
    def __init__(self, note: Note) -> None:
        super().__init__(_("Only %(author)s can change this note.") % {"author": note.by or _("its author")})


class ChangedMeanwhile(Exception):
    def __init__(self) -> None:
        super().__init__(_("This note has changed since you opened it. Here is what it says now."))


class Erased(Exception):
    def __init__(self) -> None:
        super().__init__(_("The vendor has been erased, so you cannot add or change notes about them."))


def add(vendor: Vendor, *, text: str, by: User | None, is_pinned: bool = False) -> Note:
    """Raise Erased."""
    if not Vendor.objects.filter(pk=vendor.pk).exclude(state=VendorState.ERASED).exists():
        raise Erased
    return Note.objects.create(vendor=vendor, text=text, by=by, is_pinned=is_pinned)


def edit(note: Note, *, text: str, version: int, by: User) -> None:
    """Raise NotYours or ChangedMeanwhile."""
    _check_author(note, by)
    if text != note.text:
        _write(note, version=version, text=text, edited_at=timezone.now())


def strike(note: Note, *, version: int, by: User) -> None:
    """Take it back: it stays readable, struck through, and is no longer pinned. Raise NotYours or ChangedMeanwhile."""
    _check_author(note, by)
    _write(note, version=version, struck_at=timezone.now(), is_pinned=False)


def pin(note: Note, *, is_pinned: bool) -> None:
    """A note that was struck out meanwhile is not pinned. Raise ChangedMeanwhile."""
    if not Note.objects.filter(pk=note.pk, struck_at=None).update(is_pinned=is_pinned):
        raise ChangedMeanwhile


def _check_author(note: Note, by: User) -> None:
    if note.by_id != by.pk:
        raise NotYours(note)


def _write(note: Note, *, version: int, **changed: Any) -> None:
    """Nobody overwrites what they have not read."""
    as_read = Note.objects.filter(pk=note.pk, version=version, struck_at=None)
    if not as_read.update(version=F("version") + 1, **changed):
        raise ChangedMeanwhile
