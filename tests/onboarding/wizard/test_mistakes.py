"""A page with mistakes sends the browser to itself with GET, and shows what is wrong from what is kept."""

import time

import pytest
from django.db import connection

from identity.models import Failure, Session
from onboarding.models import Draft
from tests.clients import signed_in
from tests.onboarding import answers, changing
from vendors.models import Document

WRONG_ACCOUNT = answers.PAYMENT | {"iban": "PL00 1234"}


def post(client, step, typed, **buttons):
    """What the server itself answers."""
    revision = answers.revision_shown(client.get(answers.url(step)))
    return client.post(answers.url(step), answers.body(step, typed, revision=revision, **buttons))


def checked(step):
    return f"{answers.url(step)}?check=1"


def test_mistake_is_answered_with_the_address_of_the_page(as_vendor):
    answer = post(as_vendor, "contact", answers.CONTACT | {"phone": "call me", "locality": ""})

    assert (answer.status_code, answer.url) == (303, checked("contact"))
    page = as_vendor.get(answer.url)
    assert set(page.context["form"].errors) == {"phone", "locality"}
    assert 'value="call me"' in page.text
    assert "<title>Error: Contact and address" in page.text


def test_what_is_missing_is_said_at_that_address_only(as_vendor):
    post(as_vendor, "about", answers.ABOUT | {"kind": ""})

    assert set(as_vendor.get(checked("about")).context["form"].errors) == {"kind"}
    assert not as_vendor.get(answers.url("about")).context["form"].errors
    assert not as_vendor.get(checked("contact")).context["form"].errors, "nobody has filled it in"


def test_way_back_to_the_check_page_is_kept(as_vendor):
    answers.fill_in(as_vendor)

    wrong = post(as_vendor, "about", answers.ABOUT | {"full_name": ""}, return_to="check")
    assert wrong.url == f"{checked('about')}&return_to=check"
    assert as_vendor.get(wrong.url).context["returns_to_check"]


def test_declaration_that_is_missing_is_answered_in_the_same_way(as_vendor):
    answers.fill_in(as_vendor)
    assert not as_vendor.get(answers.url("check")).context["form"].errors

    refused = post(as_vendor, "check", {})

    assert (refused.status_code, refused.url) == (303, checked("check"))
    assert "Confirm that everything you have entered" in as_vendor.get(refused.url).text


def test_change_after_approval_is_answered_in_the_same_way(vendor, as_vendor):
    changing.approved_first(vendor)
    revision = answers.revision_shown(as_vendor.get(changing.url("contact")))
    wrong = answers.body("contact", answers.CONTACT | {"phone": ""}, revision=revision)

    refused = as_vendor.post(changing.url("contact"), wrong)

    assert (refused.status_code, refused.url) == (303, f"{changing.url('contact')}?check=1")
    assert set(as_vendor.get(refused.url).context["form"].errors) == {"phone"}


def test_refusal_of_a_file_is_there_until_the_next_save(as_vendor):
    no_pdf = answers.pdf("page.pdf", b"<html>not a PDF</html>")
    post(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": no_pdf})

    for _time in range(2):
        [error] = as_vendor.get(checked("qualifications")).context["form"].errors["cv"]
        assert "“page.pdf” isn't a type of file we can read here" in error
    post(as_vendor, "qualifications", answers.QUALIFICATIONS)
    assert as_vendor.get(checked("qualifications")).context["form"].errors["cv"] == ["Choose the file with your CV."]
    assert "qualifications" not in str({**Draft.objects.get().notes, "qualifications": None}["qualifications"])


def test_file_that_was_refused_is_told_although_another_is_there(as_vendor):
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf("Life.pdf")})
    no_pdf = answers.pdf("page.pdf", b"<html>not a PDF</html>")

    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": no_pdf})

    assert "“page.pdf” isn&#x27;t a type of file we can read here" in page.text
    assert Document.objects.get().name == "Life.pdf"


def test_nothing_of_it_can_be_read_in_the_database_or_the_session(as_vendor):
    no_pdf = answers.pdf("Secret name.pdf", b"<html>not a PDF</html>")
    post(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": no_pdf})

    with connection.cursor() as cursor:
        cursor.execute("SELECT notes FROM onboarding_draft")
        [(raw,)] = cursor.fetchall()
    assert b"Secret" not in bytes(raw)
    assert "Secret" not in str(Session.objects.get().get_decoded())


def test_case_is_named_again_when_the_page_is_looked_at_again(as_vendor):
    for _time in range(5):
        post(as_vendor, "payment", WRONG_ACCOUNT)

    case = Failure.objects.get()
    for _time in range(2):
        assert case.reference in as_vendor.get(checked("payment")).text
    assert case.reference not in as_vendor.get(answers.url("payment")).text


def test_account_typed_just_now_comes_back_in_the_same_browser_only(vendor, as_vendor, monkeypatch):
    post(as_vendor, "payment", WRONG_ACCOUNT)

    assert 'value="PL00 1234"' in as_vendor.get(checked("payment")).text
    assert "PL00 1234" not in as_vendor.get(answers.url("payment")).text
    assert "PL00 1234" not in signed_in(vendor.user).get(checked("payment")).text
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert "PL00 1234" not in as_vendor.get(checked("payment")).text


@pytest.mark.parametrize("step", ["contact", "payment"])
def test_mistake_costs_no_more_statements_than_a_success(as_vendor, django_assert_num_queries, step):
    wrong = {"contact": answers.CONTACT | {"phone": ""}, "payment": WRONG_ACCOUNT}[step]
    answers.save(as_vendor, step, wrong, exit="yes")  # the first save of a page is an event besides
    body = answers.body(step, wrong, revision=answers.revision_shown(as_vendor.get(answers.url(step))))

    with django_assert_num_queries(9):
        assert as_vendor.post(answers.url(step), body).status_code == 303
