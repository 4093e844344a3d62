import pytest
from django.test import Client
from django.urls import reverse

from onboarding.models import Draft, Submission
from tests.onboarding import answers
from vendors.models import Vendor, VendorState


def test_walk(as_vendor: Client, vendor: Vendor) -> None:
    answers.fill_in(as_vendor)
    page = as_vendor.get(answers.url("check"))
    assert page.status_code == 200
    response = answers.send(as_vendor)
    assert response.url == reverse("onboarding:index")
    page = as_vendor.get(response.url)
    submission = Submission.objects.get()
    assert submission.reference in page.text
