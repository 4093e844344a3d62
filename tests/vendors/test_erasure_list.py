"""The list of the erased: complete before anybody is erased, and nothing in it but numbers and dates."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import create_vendor
from vendors import erasure_list, lifecycle
from vendors.models import Vendor, VendorState

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def listed(tmp_path, settings) -> Path:
    settings.ERASURES_FILE = str(tmp_path / "erasures")
    return Path(settings.ERASURES_FILE)


def erase(vendor: Vendor) -> None:
    call_command("erase_vendor", vendor.primary_email, "--reason", "asked for it", "--yes")


def test_number_and_dates_are_written_down(listed, capsys):
    vendor, another = create_vendor(), create_vendor()

    erase(vendor)
    erase(another)

    lines = [json.loads(line) for line in listed.read_text().splitlines()]
    assert [line["vendor"] for line in lines] == [vendor.pk, another.pk]
    assert {frozenset(line) for line in lines} == {frozenset({"vendor", "added_at", "erased_at"})}
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    first = erasure_list.erasures()[0]
    vendor.refresh_from_db()
    assert (first.vendor, first.added_at) == (vendor.pk, vendor.created_at)
    assert first.erased_at >= vendor.created_at


@pytest.mark.parametrize("trouble", ["a folder", "no such folder"])
def test_nobody_is_erased_when_it_cannot_be_written(listed, settings, trouble, capsys):
    vendor = create_vendor(state=VendorState.APPROVED)
    if trouble == "a folder":
        listed.mkdir()
    else:
        settings.ERASURES_FILE = str(listed / "deeper" / "erasures")

    with pytest.raises(CommandError, match=r"^Nothing was erased: ERASURES_FILE .* cannot be written"):
        erase(vendor)

    assert Vendor.objects.get(pk=vendor.pk).state == VendorState.APPROVED
    assert not vendor.events.filter(kind="erased").exists()


def test_once_however_often_it_is_tried(listed, monkeypatch):
    vendor = create_vendor()

    def killed(*_args, **_options) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.erase(vendor, reason="asked for it")
    assert len(erasure_list.erasures()) == 1
    lifecycle.erase(Vendor.objects.get(pk=vendor.pk), reason="asked for it")

    assert len(erasure_list.erasures()) == 1


def test_half_a_line_does_not_spoil_the_next(listed):
    listed.write_text('{"vendor": 1, "add')

    lifecycle.erase(create_vendor(), reason="asked for it")

    assert len(listed.read_text().splitlines()) == 2
    with pytest.raises(erasure_list.CannotRead, match=r"^Line 1 of ERASURES_FILE"):
        erasure_list.erasures()


def test_refused_erasure_is_not_listed(listed):
    vendor = create_vendor()
    lifecycle.erase(Vendor.objects.get(pk=vendor.pk), reason="asked for it")
    listed.unlink()
    Vendor.objects.filter(pk=vendor.pk).update(state=VendorState.ERASED)

    with pytest.raises(lifecycle.WrongState):
        lifecycle.erase(vendor, reason="asked for it")

    assert not listed.exists()
