import pytest

from identity import roles
from onboarding.models import Submission
from onboarding.review import decide as review
from onboarding.submission import section_reviews
from tests.clients import signed_in
from tests.factories import create_staff
from tests.onboarding import answers
from tests.records import events
from vendors.models import VendorState

IBAN = "PL61 1090 1014 0000 0712 1981 2874"


@pytest.fixture
def sent(as_vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    return Submission.objects.select_related("vendor").get()


def page(submission: Submission, action: str = "change") -> str:
    return f"/admin/onboarding/submission/{submission.pk}/{action}/"


def test_list_opens_on_what_waits(sent, as_vera):
    listing = as_vera.get("/admin/onboarding/submission/")
    assert sent.reference in listing.text
    assert "lucja@example.com" in listing.text

    review.approve(sent, by=None)

    assert sent.reference not in as_vera.get("/admin/onboarding/submission/").text
    assert sent.reference in as_vera.get("/admin/onboarding/submission/", {"state__exact": "all"}).text
    assert sent.reference in as_vera.get("/admin/onboarding/submission/", {"state__exact": "approved"}).text


@pytest.mark.parametrize("term", ["lucja@", "LUCJA@example.com"])
def test_list_is_searched_by_address_and_reference(sent, as_vera, term):
    for words in (term, sent.reference[:4].lower()):
        assert sent.reference in as_vera.get("/admin/onboarding/submission/", {"q": words}).text
    assert sent.reference not in as_vera.get("/admin/onboarding/submission/", {"q": "nobody@"}).text


def test_submission_is_read_in_sections_with_payment_masked(sent, as_vera):
    shown = as_vera.get(page(sent)).text

    cv = sent.answers["qualifications"]["documents"]["cv"]
    for text in ["…246", "30 hours a week", "notice needed: a day"]:
        assert text in shown
    for text in ["Łucja Nowak-Åberg", "German → Polish", "EUR 0.085", "IBAN PL… 2874", f"/documents/{cv['id']}/"]:
        assert text in shown
    assert IBAN not in shown
    assert "109010140000071219812874" not in shown
    assert "The route depends on a degree" not in shown  # they have worked for long enough


@pytest.mark.parametrize(
    ("name", "reason", "state"),
    [
        ("approve", None, VendorState.APPROVED),
        ("request-changes", "Please send your degree.", VendorState.CHANGES_REQUESTED),
        ("decline", "No work.", VendorState.DECLINED),
    ],
)
def test_decision_is_confirmed_and_then_done(sent, as_vera, name, reason, state):
    confirmation = as_vera.get(page(sent, name))
    assert "What will happen" in confirmation.text
    sent.vendor.refresh_from_db()
    assert sent.vendor.state == VendorState.SUBMITTED

    if name == "request-changes":
        section_reviews.judge(sent, "qualifications", verdict="change", by=None, reason=reason)
        confirmation = as_vera.get(page(sent, name))
        assert reason in confirmation.text
        seen = confirmation.context["form"]["seen"].value()
        done = as_vera.post(page(sent, name), {"note": "", "seen": seen}, follow=True)
    else:
        done = as_vera.post(page(sent, name), {"reason": reason} if reason else {}, follow=True)

    sent.vendor.refresh_from_db()
    assert sent.vendor.state == state
    assert done.redirect_chain == [(page(sent), 302)]
    if reason:
        assert reason in done.text


def test_approving_somebody_elses_account_is_said_and_recorded(as_vendor, as_vera):
    typed = answers.PAYMENT | {"holder": "Jan Kowalski", "holder_is_vendor": "no", "holder_reason": "He is our agent."}
    answers.fill_in(as_vendor, payment=typed)
    answers.send(as_vendor)
    sent = Submission.objects.select_related("vendor").get()
    assert "The account belongs to someone else" in as_vera.get(page(sent)).text
    assert "You are also agreeing to pay someone else" not in as_vera.get(page(sent, "decline")).text

    confirmation = as_vera.get(page(sent, "approve")).text
    as_vera.post(page(sent, "approve"))

    for text in ("You are also agreeing to pay someone else", "Jan Kowalski", "He is our agent."):
        assert text in confirmation
    assert sent.vendor.events.get(kind="approved").data == {"somebody_elses_account": True}
    shown = as_vera.get(f"/admin/vendors/vendor/{sent.vendor.pk}/change/").text
    assert "Agreed to pay into an account that belongs to someone else" in shown


def test_own_account_is_approved_without_a_word(sent, as_vera):
    assert "You are also agreeing to pay someone else" not in as_vera.get(page(sent, "approve")).text


@pytest.mark.parametrize("role", [roles.VENDOR_MANAGER, roles.FINANCE])
def test_approved_profile_is_on_the_vendors_page(sent, role):
    review.approve(sent, by=None)

    shown = signed_in(create_staff(role=role)).get(f"/admin/vendors/vendor/{sent.vendor.pk}/change/").text

    for text in [
        "Approved profile",
        "…246",
        "registered for VAT",
        "Monday, Tuesday, Thursday",
        "30 hours a week",
    ]:
        assert text in shown


def test_declining_without_a_reason_is_asked_again(sent, as_vera):
    again = as_vera.post(page(sent, "decline"), {"reason": " "})

    assert "Please give a reason." in again.text
    sent.vendor.refresh_from_db()
    assert sent.vendor.state == VendorState.SUBMITTED


def test_decision_on_what_is_decided_says_so(sent, as_vera):
    review.approve(sent, by=None)

    late = as_vera.post(page(sent, "decline"), {"reason": "too late"}, follow=True)

    assert "no longer waiting" in late.text
    sent.vendor.refresh_from_db()
    assert sent.vendor.state == VendorState.APPROVED


@pytest.mark.parametrize(
    ("role", "may_read", "may_review", "may_see_payment"),
    [
        (roles.VENDOR_MANAGER, True, True, False),
        (roles.FINANCE, True, False, True),
        (roles.OPERATIONS, True, False, False),
        (roles.AUDITOR, True, False, False),
        (roles.ADMINISTRATOR, True, True, True),
        ("Nobody", False, False, False),
    ],
)
def test_each_role_may_what_it_may(sent, role, may_read, may_review, may_see_payment):
    client = signed_in(create_staff(role=role))

    read = client.get(page(sent))
    assert read.status_code == (200 if may_read else 403)
    assert (b"/approve/" in read.content) == may_review
    assert (b"Show the payment details" in read.content) == may_see_payment
    look = client.post(page(sent, "payment"), {"reason": "To pay an invoice."})
    assert look.status_code == (200 if may_see_payment else 403)
    assert client.get(page(sent, "approve")).status_code == (200 if may_review else 403)
    client.post(page(sent, "approve"))
    sent.refresh_from_db()
    assert sent.is_waiting == (not may_review)


def test_payment_details_are_shown_on_a_post_only_and_each_look_is_recorded(sent):
    finance = create_staff(role=roles.FINANCE)
    client = signed_in(finance)
    assert client.get(page(sent, "payment")).status_code == 405

    assert "Say why you need to see them." in client.post(page(sent, "payment"), follow=True).text
    assert not sent.vendor.events.filter(kind="payment_revealed").exists()

    shown = client.post(page(sent, "payment"), {"reason": "To pay an invoice."})

    assert IBAN in shown.text
    assert "no-store" in shown["Cache-Control"]
    look = sent.vendor.events.get(kind="payment_revealed")
    assert (look.by, look.reason, look.data) == (finance, "To pay an invoice.", {"submission": sent.reference})
    assert IBAN not in client.get(page(sent)).text


def test_looking_does_not_change_a_submission(sent, as_vera):
    before = events(sent.vendor)

    assert as_vera.post(page(sent), {"state": "approved"}).status_code == 200
    assert as_vera.get("/admin/onboarding/submission/add/").status_code == 403
    assert as_vera.get(page(sent, "delete")).status_code in (403, 404)

    sent.refresh_from_db()
    assert sent.is_waiting
    assert events(sent.vendor) == before


@pytest.mark.parametrize("path", ["999999999/change/", "x/change/", "999999999/approve/"])
def test_submission_that_is_not_there_is_not_found(as_vera, path):
    assert as_vera.get(f"/admin/onboarding/submission/{path}").status_code == 404


def test_unknown_decision_is_not_found(sent, as_vera):
    assert as_vera.get(page(sent, "promote")).status_code in (302, 404)


def test_vendor_does_not_get_into_the_admin(sent, as_vendor):
    assert as_vendor.get(page(sent)).status_code in (302, 403)
