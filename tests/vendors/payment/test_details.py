import pytest

from tests.vendors.payment.test_form import US
from vendors.payment import details as payment
from vendors.payment.form import PaymentForm


def test_rows_show_everything_to_who_may_see_it():
    form = PaymentForm(US)
    assert form.is_valid()

    assert payment.rows(form.details()) == [
        ("Account holder", "Ann"),
        ("Country of the bank", "United States"),
        ("Account number", "000123456789"),
        ("Bank code", "111000025"),
    ]


@pytest.mark.parametrize(
    "holder",
    ["Ann Lee", "LEE, Ann", "李", "A. Ann Lee", "Ánn  Lee", "Lee", "Lee Ltd", "lee ltd.", "Lee Ltd London Branch"],
)
def test_holder_like_the_name_or_the_company_is_nothing_to_say(holder):
    assert payment.warnings({"method": "paypal", "holder": holder}, names=["Ann Lee", "Lee Ltd"]) == []


@pytest.mark.parametrize("holder", ["Bob Ray", "Ann Leeds", "王"])
def test_holder_unlike_the_name_is_a_warning(holder):
    [said] = payment.warnings({"method": "paypal", "holder": holder}, names=["Ann Lee", ""])

    assert "holder's name isn't" in said
    assert holder not in said


@pytest.mark.parametrize(("bic", "number"), [("DEUTDEFF", 0), ("", 0), ("BNPAFRPP", 1)])
def test_bic_of_another_country_is_a_warning(bic, number):
    details = {"method": "iban", "holder": "Ann", "iban": "DE89370400440532013000", "bic": bic}

    assert len(payment.warnings(details, names=["Ann"])) == number
