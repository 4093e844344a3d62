"""The drill: everything is lost, and the company goes on elsewhere with the backup of last night."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command

from identity import outbound
from tests.elsewhere import Elsewhere, elsewhere
from tests.journeys import wizard
from tests.journeys.everything import found, kept
from tests.onboarding import answers, changing
from tests.processes import start_command
from vendors.models import Document, PaymentDetails, Vendor, VendorState

DORA, EWA, NOEMI = "dora@mail.example", "ewa@mail.example", "noemi@mail.example"


@pytest.fixture
def other(passport, tmp_path) -> Iterator[Elsewhere]:
    with elsewhere(tmp_path, settings) as somewhere:
        yield somewhere


def manage(*arguments: object) -> str:
    """A process of its own, as on the night and on the day."""
    changed = {"ERASURES_FILE": settings.ERASURES_FILE}
    process = start_command(*arguments, changed=changed, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err[-2000:]
    return out


@pytest.mark.processes
def test_restored_elsewhere_the_journey_goes_on(passport, other, tmp_path, settings):
    settings.ERASURES_FILE = str(tmp_path / "erasures")
    dora = passport.invited(DORA, name="Dora Unmistakable")
    ewa = passport.invited(EWA, name="Ewa Nowak")
    person = passport.signed_in(DORA)
    for step in ("about", "qualifications"):
        wizard.fill_in(person, step)
    passport.signed_in(EWA)
    changing.approved_first(ewa, qualifications=answers.QUALIFICATIONS | {"cv": answers.pdf()})
    account = PaymentDetails.objects.get(vendor=ewa).details

    backup = json.loads(manage("backup", tmp_path / "backups", "--json"))
    call_command("erase_vendor", DORA, "--reason", "asked for it", "--yes")

    with other.there():
        said = manage("restore", backup["path"])
        assert "2 vendors, 2 files. Outgoing traffic is on hold." in said
        assert "Erased again: 1." in said
        text = kept(other.media_root)
        assert found([DORA, "Dora Unmistakable", wizard.CV_NAME], text) == [], "nothing of her is left"
        assert found([EWA, "Ewa Nowak"], text) == [EWA, "Ewa Nowak"]
        assert Vendor.objects.get(pk=dora.pk).state == VendorState.ERASED
        assert PaymentDetails.objects.get().details == account
        passport.tenant.forget_requests()
        passport.work()
        assert outbound.is_held()
        assert passport.tenant.requests() == []

        call_command("outbound", "release", "--reason", "drill")
        person = passport.signed_in(EWA)
        person.go("/profile/")
        assert "Your profile · approved" in person.page.text
        person.go(f"/documents/{Document.objects.get().pk}/")
        assert person.page.status == 200
        call_command("invite_vendor", NOEMI, "--name", "Noemi New", "--language", "en-GB")
        passport.work()
        assert passport.signed_in(NOEMI).page.path == "/onboarding/"
