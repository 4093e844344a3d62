"""The first sign-in of a vendor whose profile was carried over, in Chromium at two widths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.browser.visitor import Visitor
from tests.factories import create_acceptances
from tests.vendors.going_live.test_carried_over import ANA, row, written
from vendors.models import Vendor


def test_profile_that_was_carried_over(visit: Callable[..., Visitor], size: str, tmp_path: Path):
    ana = visit(ANA, size=size)
    ana.passport.tenant.add_guest(ANA, accepted=True)
    file = written(tmp_path, row(ANA, street=""))
    ana.passport.command("import_vendors", str(file), "--bind", "--carry-over")
    vendor = Vendor.objects.get()
    create_acceptances(vendor=vendor)

    ana.enters()
    ana.arrives("/profile/confirm/", heading="confirm-profile")
    for step in ("about", "languages", "services", "rates", "qualifications", "tax"):
        ana.press(f"right-{step}")
        ana.arrives("/profile/confirm/")
    ana.follow("/profile/changes/contact/")
    ana.arrives("/profile/changes/contact/")
    ana.page.get_by_label("Street address").fill("Rua Augusta 2")
    ana.saves()
    ana.go("/profile/confirm/")
    ana.arrives("/profile/confirm/")
    ana.follow("/profile/changes/")
    ana.press("send-changes")
    ana.arrives("/profile/changes/", heading="submitted")
    vendor.refresh_from_db()
    assert not vendor.is_carried_over
