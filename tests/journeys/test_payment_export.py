"""Finance signs in once more before the export of payment details."""

from __future__ import annotations

from tests.vendors.profiles import IBAN, approved_vendor

FRED = "fred.finance@sandberg.example"
LIST = "/admin/vendors/paymentdetails/"


def test_finance_signs_in_again_and_then_finds_the_export(passport):
    approved_vendor(payment=IBAN)
    fred = passport.staff(FRED)
    fred.go(f"{passport.url}{LIST}")
    assert "reason" not in fred.page.forms["accounts"].names

    fred.submit("prove")
    assert fred.page.origin in passport.tenant.origins, "the tenant must ask again, whatever it remembers"
    fred.authenticate()

    assert fred.page.path == LIST
    assert "prove" not in fred.page.forms
    assert "reason" in fred.page.forms["accounts"].names
