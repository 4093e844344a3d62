"""What Finance found out about a tax number."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff
from tests.vendors.profiles import approved, approved_vendor
from vendors.models import TaxCheck, Vendor
from vendors.profile import approved_profile, tax_checks

pytestmark = pytest.mark.django_db

VAT = "PL5260001246"


def page(vendor: Vendor, name: str = "tax-check") -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/{name}/"


def typed(**changed: str) -> dict[str, str]:
    return {"of": "vat_number", "result": "valid", "checked_on": "1 May 2026", "source": "VIES, WAPIAAA"} | changed


def recorded(vendor: Vendor) -> TaxCheck:
    return tax_checks.record(
        vendor,
        of="vat_number",
        result="valid",
        checked_on=timezone.localdate(),
        source="VIES",
        by=create_staff(role=roles.FINANCE),
    )


def test_check_is_recorded_and_shown_with_the_vendor_and_in_the_list():
    vendor, finance = approved_vendor(vat_number=VAT), create_staff(role=roles.FINANCE)
    client = signed_in(finance)
    assert page(vendor) in client.get(page(vendor, "change")).text
    assert VAT not in client.get(page(vendor)).text

    client.post(page(vendor), typed())

    check = TaxCheck.objects.get()
    assert (check.by, check.number, check.result) == (finance, VAT, "valid")
    assert vendor.events.get(kind="tax_checked").data == {"of": "vat_number", "result": "valid"}
    for path in (page(vendor, "change"), "/admin/vendors/taxcheck/"):
        shown = client.get(path).text
        assert "VIES, WAPIAAA" in shown
        assert "1 May 2026" in shown
        assert "…246" in shown
        assert VAT not in shown
    assert "The number has changed since" not in client.get(page(vendor, "change")).text


def test_page_says_when_the_number_has_changed_since():
    vendor = approved_vendor(vat_number=VAT)
    recorded(vendor)
    approved_profile.adopt(vendor, approved(vat_number="PL5260305006"))

    shown = signed_in(create_staff(role=roles.FINANCE)).get(page(vendor, "change")).text

    assert "The number has changed since" in shown


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"of": ""}, "Choose the number that you checked."),
        ({"of": "tax_id"}, "Choose the number that you checked."),
        ({"result": "perhaps"}, "Choose the result."),
        ({"checked_on": ""}, "Enter the date of the check."),
        ({"checked_on": "1 May 2090"}, "must not be in the future"),
        ({"source": ""}, "Say where you checked it."),
    ],
)
def test_incomplete_check_is_refused_and_keeps_what_was_typed(changed, said):
    vendor = approved_vendor(vat_number=VAT)
    form = typed(**changed)

    shown = signed_in(create_staff(role=roles.FINANCE)).post(page(vendor), form).text

    assert said in shown
    assert f'value="{form["source"]}"' in shown or not form["source"]
    assert not TaxCheck.objects.exists()


def test_number_that_is_gone_cannot_be_checked():
    vendor = approved_vendor()
    finance = create_staff(role=roles.FINANCE)

    assert "no tax number yet" in signed_in(finance).get(page(vendor)).text
    with pytest.raises(tax_checks.NumberMissing):
        tax_checks.record(
            vendor, of="tax_id", result="valid", checked_on=timezone.localdate(), source="VIES", by=finance
        )


def test_check_is_never_changed():
    recorded(approved_vendor(vat_number=VAT))

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        TaxCheck.objects.update(result="not_valid")


@pytest.mark.parametrize(
    ("role", "may_see", "may_record"),
    [
        (roles.VENDOR_MANAGER, True, False),
        (roles.FINANCE, True, True),
        (roles.OPERATIONS, False, False),
        (roles.AUDITOR, True, False),
    ],
)
def test_each_role_may_what_it_may(role, may_see, may_record):
    vendor = approved_vendor(vat_number=VAT)
    recorded(vendor)
    client = signed_in(create_staff(role=role))

    assert ('id="tax-checks"' in client.get(page(vendor, "change")).text) == may_see
    assert (client.get("/admin/vendors/taxcheck/").status_code == 200) == may_see
    assert (client.get(page(vendor)).status_code == 200) == may_record


def test_list_costs_the_same_however_long():
    vendor = approved_vendor(vat_number=VAT)
    client = signed_in(create_staff(role=roles.FINANCE))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/vendors/taxcheck/")
        return len(captured)

    recorded(vendor)
    before = statements()
    for _number in range(3):
        recorded(vendor)

    assert statements() == before
