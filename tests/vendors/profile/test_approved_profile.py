import dataclasses
import uuid
from decimal import Decimal

import pytest

from tests.factories import create_vendor
from tests.vendors.documents.test_inspection import PDF_BYTES
from tests.vendors.profiles import IBAN, approved, pair
from tests.vendors.stored_documents import in_days, in_force, upload
from vendors.documents import lifecycle as documents
from vendors.models import Document, LanguagePair, Rate
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db


def rates(vendor) -> set[tuple[str, str, Decimal]]:
    return set(vendor.rates.values_list("pair__source", "pair__target", "amount"))


def test_adopted_profile_is_in_the_tables():
    vendor = create_vendor(name="As VM typed it")

    approved_profile.adopt(vendor, approved(payment=IBAN))

    assert vendor.profile.phone == "+48221234567"
    assert rates(vendor) == {("de", "pl", Decimal("0.0850")), ("en-GB", "pl", Decimal("0.0900"))}
    assert vendor.qualification.experience_months == 90
    assert vendor.payment_details.masked == "IBAN PL… 2874"
    vendor.refresh_from_db()
    assert vendor.name == "Łucja Nowak"


def test_adopting_again_replaces_what_was_there():
    vendor = create_vendor()
    approved_profile.adopt(vendor, approved(payment=IBAN))

    approved_profile.adopt(vendor, approved(pairs=[pair("fr", "pl", "0.1")], locality="Kraków"))

    vendor.refresh_from_db()
    assert vendor.profile.locality == "Kraków"
    assert rates(vendor) == {("fr", "pl", Decimal("0.1000"))}
    assert (LanguagePair.objects.count(), Rate.objects.count()) == (1, 1)
    assert vendor.payment_details.details == IBAN


def test_adopting_is_all_or_nothing():
    vendor = create_vendor()
    approved_profile.adopt(vendor, approved())
    broken = dataclasses.replace(approved(locality="Kraków"), pairs=[pair("de", "pl", "0.1"), pair("de", "pl", "0.1")])

    with pytest.raises(Exception, match="language_pair_once"), approved_profile.transaction.atomic():
        approved_profile.adopt(vendor, broken)

    vendor.refresh_from_db()
    assert vendor.profile.locality == "Warszawa"
    assert len(rates(vendor)) == 2


def test_company_is_called_by_its_legal_name():
    vendor = create_vendor()

    approved_profile.adopt(vendor, approved(kind="company", company_legal_name="Nowak i Syn sp. z o.o."))

    vendor.refresh_from_db()
    assert vendor.name == "Nowak i Syn sp. z o.o."


def test_document_of_somebody_else_is_not_adopted():
    vendor = create_vendor()

    approved_profile.adopt(vendor, approved(documents=[approved_profile.ApprovedDocument(id=uuid.uuid4())]))

    assert not vendor.documents.exists()


def test_answers_from_before_a_renewal_do_not_undo_it():
    old = in_force(ends=in_days(5))
    new = documents.replace(old, upload=upload(content=PDF_BYTES * 2), number="A 2", expires_on=in_days(400))

    given = approved_profile.ApprovedDocument(id=old.pk, certificate="membership", number="A 1", expires_on=in_days(5))
    approved_profile.adopt(old.vendor, approved(documents=[given], answered_at=old.approved_at))

    assert list(Document.objects.in_force().values_list("pk", "number")) == [(new.pk, "A 2")]
