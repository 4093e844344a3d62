"""The wizard through Django's client: what formtools gets wrong on its own, and what vendors rely on."""

import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

from identity.failures import cases, mail_to_vm, reasons
from identity.models import Failure, Session
from onboarding import forms
from onboarding.draft.steps import STEPS, read
from onboarding.models import Draft, Submission
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.journeys.database import column_missing
from tests.onboarding import answers
from vendors.answers import languages, service_catalogue
from vendors.models import Document, VendorState

INDEX = "/onboarding/"
LIGHT = 60_000  # bytes of a page before compression


def stored(step: str, name: str) -> list[str]:
    return Draft.objects.get().answers[step][f"{step}-{name}"]


def states(client: Client) -> dict[str, str]:
    listing = client.get(INDEX).context["steps"]
    return {step["name"]: step["state"] for step in listing}


def in_threads(*functions: Any) -> list[Any]:
    results: list[Any] = [None] * len(functions)
    barrier = threading.Barrier(len(functions))

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = functions[number]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# The task list


def test_task_list_shows_what_can_be_done(as_vendor):
    page = as_vendor.get(INDEX)

    assert page.status_code == 200
    assert 'Welcome, <bdi translate="no">Łucja Nowak</bdi>' in page.text
    assert states(as_vendor) == {
        "about": "incomplete",
        "contact": "incomplete",
        "languages": "incomplete",
        "services": "cannot-start-yet",
        "rates": "cannot-start-yet",
        "qualifications": "incomplete",
        "tax": "cannot-start-yet",
        "payment": "incomplete",
        "agreements": "incomplete",
        "check": "cannot-start-yet",
    }


def test_task_list_leads_to_where_the_vendor_left_off(as_vendor):
    answers.fill_in(as_vendor, up_to="services")

    assert as_vendor.get(INDEX).context["go_on_url"] == answers.url("services")
    assert states(as_vendor)["languages"] == "completed"


def test_wrong_answer_is_a_problem_and_a_missing_one_is_not(as_vendor):
    answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "nonsense"})
    answers.save(as_vendor, "about", answers.ABOUT | {"full_name": ""})

    assert states(as_vendor)["contact"] == "problem"
    assert states(as_vendor)["about"] == "incomplete"


def test_another_pair_takes_over_the_services_and_rates_of_all_pairs(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")
    more = {"pairs": "2", "pairs-1-source": "English (United Kingdom)", "pairs-1-target": "Polish"}

    answers.save(as_vendor, "languages", answers.LANGUAGES | more)

    assert states(as_vendor)["services"] == "completed"
    assert states(as_vendor)["rates"] == "completed"


def test_further_service_leaves_a_gap_in_the_rates(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")

    answers.save(as_vendor, "services", answers.SERVICES | {"everywhere": ["translation", "subtitling"]})

    assert states(as_vendor)["rates"] == "incomplete"


# Saving and coming back


def test_all_steps_lead_to_the_check_page_and_the_status_page(as_vendor):
    answers.fill_in(as_vendor)

    check = as_vendor.get(answers.url("check"))
    assert "German → Polish" in check.text
    assert "EUR 0.085 per source word" in check.text
    assert "IBAN PL… 2874" in check.text
    assert "109010140000071219812874" not in check.text.replace(" ", "")

    sent = answers.send(as_vendor)
    assert (sent.status_code, sent.url) == (302, INDEX)
    status = as_vendor.get(INDEX)
    assert Submission.objects.get().reference in status.text
    assert "vm@sandberg.example" in status.text
    assert "EUR 0.085 per source word" in status.text


def test_get_changes_nothing(as_vendor):
    answers.fill_in(as_vendor, up_to="qualifications")
    before = Draft.objects.values().get()

    for step in ["about", "languages", "rates", "about"]:
        as_vendor.get(answers.url(step))
        as_vendor.get(answers.url(step), {"reset": "1"})
    as_vendor.get(INDEX, {"reset": "1"})

    assert Draft.objects.values().get() == before


def test_answers_follow_the_vendor_to_another_browser(as_vendor, vendor):
    answers.fill_in(as_vendor, up_to="contact")
    other_browser = signed_in(vendor.user)

    page = other_browser.get(answers.url("about"))

    assert page.context["form"]["full_name"].value() == "Łucja Nowak-Åberg"


def test_answers_are_encrypted_and_not_in_the_session(as_vendor):
    answers.save(as_vendor, "payment", answers.PAYMENT)

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT answers FROM onboarding_draft")
        raw = bytes(cursor.fetchone()[0])
    assert b"1090" not in raw
    assert stored("payment", "iban") == [answers.PAYMENT["iban"]]
    session = Session.objects.get()
    assert "1090" not in str(session.get_decoded())


def test_first_page_is_prefilled_with_what_vm_knows(as_vendor):
    page = as_vendor.get(answers.url("about"))

    assert page.context["form"]["full_name"].value() == "Łucja Nowak"
    assert not page.context["form"].errors


def test_contact_page_shows_the_primary_email_and_does_not_ask_for_it(as_vendor):
    page = as_vendor.get(answers.url("contact"))

    assert '<dd><bdi translate="no">lucja@example.com</bdi></dd>' in page.text
    assert "primary_email" not in page.context["form"].fields


def test_wrong_answers_stay_in_the_field_and_in_the_draft(as_vendor):
    page = answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "call me"})

    assert page.status_code == 200
    assert "<title>Error: Contact and address" in page.text
    assert '<a href="#id_contact-phone">' in page.text
    assert 'value="call me"' in page.text
    assert stored("contact", "phone") == ["call me"]
    again = as_vendor.get(answers.url("contact"))
    assert 'value="call me"' in again.text
    assert "<title>Error:" in again.text


@pytest.mark.parametrize("step", [step for step in STEPS if step != "check"])
def test_every_page_says_what_is_missing_in_its_title_and_with_links(as_vendor, step):
    kind = min(STEPS[step].asked_of - {"freelancer_via_company"}, key=len)
    answers.fill_in(as_vendor, about=answers.ABOUT | {"kind": kind, "company_legal_name": "Nowak i Syn"})

    page = answers.save(as_vendor, step, {"vat_status": "registered"})

    assert page.status_code == 200
    assert f"<title>Error: {STEPS[step].title}" in page.text
    links = re.findall(r'<li><a href="#([^"]+)">', page.text.partition("error-summary-title")[2].partition("</ul>")[0])
    assert links
    assert [link for link in links if f'id="{link}"' not in page.text] == []


def test_unfinished_page_is_not_scolded_when_it_is_opened_again(as_vendor):
    left = answers.save(as_vendor, "about", answers.ABOUT | {"kind": ""}, exit="yes")

    assert (left.status_code, left.url) == (302, INDEX)
    page = as_vendor.get(answers.url("about"))
    assert page.context["form"]["full_name"].value() == "Łucja Nowak-Åberg"
    assert not page.context["form"].errors
    assert "<title>About you" in page.text


def test_save_and_exit_says_that_everything_is_saved(as_vendor):
    left = answers.save(as_vendor, "about", answers.ABOUT, exit="yes")

    assert "Everything is saved" in as_vendor.get(left.url).text
    assert states(as_vendor)["about"] == "completed"


def test_going_back_a_page_keeps_what_was_typed_however_wrong(as_vendor):
    back = answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "half ty"}, back="yes")

    assert back.url == answers.url("about")
    assert stored("contact", "phone") == ["half ty"]
    assert Draft.objects.get().failing == {}


def test_nothing_but_the_answers_of_the_page_is_kept(as_vendor):
    answers.save(as_vendor, "about", answers.ABOUT | {"is_admin": "yes"}, csrfmiddlewaretoken="x", stray="y")

    assert set(Draft.objects.get().answers["about"]) == {f"about-{name}" for name in answers.ABOUT}


def test_company_name_comes_back_after_switching_to_freelancer_and_back(as_vendor):
    company = answers.ABOUT | {"kind": "company", "company_legal_name": "Nowak i Syn"}
    answers.save(as_vendor, "about", company)

    answers.save(as_vendor, "about", company | {"kind": "freelancer"})

    assert as_vendor.get(answers.url("about")).context["form"]["company_legal_name"].value() == "Nowak i Syn"


def test_answers_of_the_other_branch_wait_in_the_draft_and_are_not_sent(as_vendor):
    company = answers.ABOUT | {"kind": "freelancer_via_company", "company_legal_name": "Nowak i Syn"}
    answers.fill_in(as_vendor, about=company, tax=answers.TAX | {"registration_number": "KRS 0000123456"})

    answers.save(as_vendor, "about", company | {"kind": "freelancer"})
    answers.save(as_vendor, "tax", answers.TAX)
    answers.send(as_vendor)

    sent = Submission.objects.get().answers
    assert (sent["about"]["company_legal_name"], sent["tax"]["registration_number"]) == ("", "")
    assert stored("about", "company_legal_name") == ["Nowak i Syn"]
    assert stored("tax", "registration_number") == ["KRS 0000123456"]


def test_becoming_a_company_asks_for_its_number(as_vendor):
    answers.fill_in(as_vendor)

    answers.save(as_vendor, "about", answers.ABOUT | {"kind": "company", "company_legal_name": "Nowak i Syn"})

    assert states(as_vendor)["tax"] == "incomplete"
    assert "Company registration number (KRS / REGON)" in as_vendor.get(answers.url("tax")).text


def test_vendor_taxed_in_the_united_states_is_told_of_the_form(as_vendor):
    answers.fill_in(as_vendor, up_to="tax")
    assert "W-8BEN" not in as_vendor.get(answers.url("tax")).text

    wrong = answers.save(as_vendor, "tax", answers.TAX | {"tax_residence": "US", "vat_status": ""})

    assert "W-8BEN" in wrong.text


def test_warning_is_shown_before_sending_and_does_not_hinder_it(as_vendor):
    answers.fill_in(as_vendor, payment=answers.PAYMENT | {"holder": "Jan Kowalski", "bic": "DEUTDEFF"})

    page = as_vendor.get(answers.url("check")).text

    assert "The account holder&#x27;s name isn&#x27;t the one you gave under “About you”. Is that right?" in page
    assert "The BIC belongs to a bank in a different country from the IBAN." in page
    assert f'href="{answers.url("payment")}?return_to=check"' in page
    assert answers.send(as_vendor).url == INDEX
    assert Submission.objects.exists()


def test_services_of_a_pair_that_was_removed_come_back_with_it(as_vendor):
    two = {
        "native_1": "pl",
        "native_2": "",
        "pairs": "2",
        "pairs-0-source": "de",
        "pairs-0-target": "pl",
        "pairs-1-source": "fr",
        "pairs-1-target": "pl",
    }
    answers.save(as_vendor, "languages", two)
    answers.save(as_vendor, "services", answers.SERVICES | {"only-fr.pl": ["subtitling"]})
    answers.save(as_vendor, "languages", answers.LANGUAGES)
    answers.save(as_vendor, "services", answers.SERVICES)

    answers.save(as_vendor, "languages", two)

    page = as_vendor.get(answers.url("services"))
    assert page.context["form"]["only-fr.pl"].value() == ["subtitling"]


def test_change_link_returns_to_the_check_page(as_vendor):
    answers.fill_in(as_vendor)
    page = as_vendor.get(answers.url("about"), {"return_to": "check"})
    assert page.context["returns_to_check"]

    saved = as_vendor.post(
        answers.url("about"),
        answers.body("about", answers.ABOUT, revision=answers.revision_shown(page), return_to="check"),
    )

    assert saved.url == answers.url("check")


def test_change_that_opens_a_gap_leads_there_before_the_check_page(as_vendor):
    answers.fill_in(as_vendor)
    page = as_vendor.get(answers.url("services"), {"return_to": "check"})
    typed = answers.SERVICES | {"everywhere": ["translation", "revision", "interpreting"]}

    saved = as_vendor.post(
        answers.url("services"),
        answers.body("services", typed, revision=answers.revision_shown(page), return_to="check"),
    )

    assert saved.url == f"{answers.url('rates')}?return_to=check"


def test_step_that_builds_on_missing_answers_leads_to_the_task_list(as_vendor):
    assert as_vendor.get(answers.url("rates")).url == INDEX
    assert as_vendor.post(answers.url("rates"), answers.body("rates", answers.RATES)).url == INDEX
    assert as_vendor.get(answers.url("check")).url == INDEX


# Rows of language pairs, without JavaScript


def test_another_pair_is_added_and_what_was_typed_stays(as_vendor):
    added = answers.save(as_vendor, "languages", answers.LANGUAGES, another="yes")

    assert added.url == f"{answers.url('languages')}#id_languages-pairs-1-source"
    form = as_vendor.get(answers.url("languages")).context["form"]
    assert [row["languages"][0].value() for row in form.rows] == ["German", ""]
    assert not form.errors


def test_further_pair_that_nobody_began_is_dropped(as_vendor):
    empty = {"pairs": "2", "pairs-1-source": "", "pairs-1-target": " "}

    saved = answers.save(as_vendor, "languages", answers.LANGUAGES | empty)

    assert saved.url == answers.url("services")
    assert stored("languages", "pairs") == ["1"]


def test_pair_ticked_for_removal_is_closed_up(as_vendor):
    three = answers.LANGUAGES | {
        "pairs": "3",
        "pairs-0-remove": "on",
        "pairs-1-source": "fr",
        "pairs-1-target": "pl",
        "pairs-2-source": "es",
        "pairs-2-target": "pl",
    }

    answers.save(as_vendor, "languages", three)

    form = as_vendor.get(answers.url("languages")).context["form"]
    assert [row["languages"][0].value() for row in form.rows] == ["fr", "es"]


@pytest.mark.parametrize("count", ["", "x", "-1", "999999", "٣"])
def test_forged_number_of_pairs_does_no_harm(as_vendor, count):
    page = answers.save(as_vendor, "languages", answers.LANGUAGES | {"pairs": count})

    assert page.status_code == 302


# Many pairs: one at a time differs


def test_one_of_many_pairs_is_opened_and_keeps_its_services_when_closed(as_vendor):
    answers.fill_in(as_vendor, up_to="services", languages=answers.languages_of(10))
    opened = answers.save(as_vendor, "services", answers.SERVICES, another="fr.pl")
    assert opened.url == f"{answers.url('services')}#pair-fr.pl"
    page = as_vendor.get(answers.url("services"))
    assert [pair["key"] for pair in page.context["form"].open_pairs] == ["fr.pl"]
    assert page.text.count('name="services-only-') == len(service_catalogue.SERVICES)

    more = answers.SERVICES | {"opened": ["fr.pl"], "only-fr.pl": ["subtitling"]}
    answers.save(as_vendor, "services", more, another="es.pl")
    answers.save(as_vendor, "services", answers.SERVICES | {"opened": ["es.pl"]})

    assert stored("services", "only-fr.pl") == ["subtitling"]
    assert "French → Polish</button> <small>Subtitling</small>" in as_vendor.get(answers.url("services")).text


def test_last_service_of_a_pair_can_be_taken_away(as_vendor):
    answers.fill_in(as_vendor, up_to="services", languages=answers.languages_of(10))
    more = answers.SERVICES | {"opened": ["fr.pl"], "only-fr.pl": ["subtitling"]}
    answers.save(as_vendor, "services", more)

    answers.save(as_vendor, "services", answers.SERVICES | {"opened": ["fr.pl"]})

    assert "services-only-fr.pl" not in Draft.objects.get().answers["services"]


def test_one_of_many_pairs_gets_its_own_rate(as_vendor):
    answers.fill_in(as_vendor, up_to="rates", languages=answers.languages_of(50))
    answers.save(as_vendor, "rates", answers.RATES, another="fr.pl")
    own = answers.RATES | {"opened": ["fr.pl"], "own-amount-translation-fr.pl": "0.2"}
    own |= {"own-unit-translation-fr.pl": "", "own-amount-revision-fr.pl": "", "own-unit-revision-fr.pl": ""}
    answers.save(as_vendor, "rates", own)

    answers.save(as_vendor, "rates", answers.RATES | {"usual-revision": "0.05"})

    assert stored("rates", "own-amount-translation-fr.pl") == ["0.2"]
    rows = {row["key"]: row["cells"] for row in as_vendor.get(answers.url("rates")).context["form"].overview}
    assert [cell["state"] for cell in rows["fr.pl"]] == ["own", "usual"]
    assert [cell["state"] for cell in rows["de.pl"]] == ["usual", "usual"]


def test_wrong_rate_of_a_closed_pair_is_opened_again(as_vendor):
    answers.fill_in(as_vendor, up_to="rates", languages=answers.languages_of(50))
    wrong = answers.RATES | {"opened": ["fr.pl"], "own-amount-translation-fr.pl": "a lot"}
    answers.save(as_vendor, "rates", wrong, exit="yes")

    page = answers.save(as_vendor, "rates", answers.RATES)

    assert page.status_code == 200
    assert '<a href="#id_rates-own-amount-translation-fr.pl">' in page.text
    assert 'id="id_rates-own-amount-translation-fr.pl"' in page.text
    assert states(as_vendor)["rates"] == "problem"


# Requests that no page of ours made


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_step_is_not_found(as_vendor, method):
    assert getattr(as_vendor, method)("/onboarding/zzz/").status_code == 404
    assert getattr(as_vendor, method)("/onboarding/done/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"wizard-current_step": "zzz"},
        {"wizard-current_step": "contact"},
        {"wizard-current_step": ""},
        {"revision": ""},
        {"revision": "x"},
        {"revision": "²"},
    ],
)
def test_post_that_is_not_of_this_page_is_a_bad_request(as_vendor, change):
    response = as_vendor.post(answers.url("about"), answers.body("about", answers.ABOUT) | change)

    assert response.status_code == 400
    assert not Draft.objects.exists()
    assert Failure.objects.count() == 0


def test_post_without_the_management_form_is_a_bad_request(as_vendor):
    response = as_vendor.post(answers.url("about"), {"about-full_name": "Łucja"})

    assert response.status_code == 400
    assert "We couldn't read what your browser sent" in response.text


def test_post_without_a_csrf_token_is_refused_with_a_page(vendor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(vendor.user)

    response = client.post(answers.url("about"), answers.body("about", answers.ABOUT))

    assert response.status_code == 400
    assert "open for too long" in response.text


def test_bytes_that_are_no_text_do_no_harm(as_vendor):
    response = answers.save(as_vendor, "about", answers.ABOUT | {"full_name": "a\x00b"})

    assert response.status_code == 302
    assert read(Draft.objects.get(), documents={}).answers["about"]["full_name"] == "ab"


# Two tabs, two devices, impatient fingers


def test_two_tabs_on_different_steps_lose_nothing(as_vendor):
    as_vendor.post(answers.url("about"), answers.body("about", answers.ABOUT))
    as_vendor.post(answers.url("contact"), answers.body("contact", answers.CONTACT))

    assert set(Draft.objects.get().answers) == {"about", "contact"}


@pytest.mark.django_db(transaction=True)
def test_two_steps_saved_at_the_same_moment_lose_nothing():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    clients = [signed_in(vendor.user) for _ in range(2)]
    Draft.objects.create(vendor=vendor)

    in_threads(
        lambda: clients[0].post(answers.url("about"), answers.body("about", answers.ABOUT)),
        lambda: clients[1].post(answers.url("contact"), answers.body("contact", answers.CONTACT)),
    )

    assert set(Draft.objects.get().answers) == {"about", "contact"}


def test_stale_page_shows_both_versions_instead_of_winning(as_vendor):
    old_page = answers.revision_shown(as_vendor.get(answers.url("about")))
    answers.save(as_vendor, "about", answers.ABOUT | {"full_name": "From the other tab"})

    mine = answers.ABOUT | {"full_name": "From this tab"}
    page = as_vendor.post(answers.url("about"), answers.body("about", mine, revision=old_page))

    assert page.status_code == 409
    assert "From the other tab" in page.text
    assert 'value="From this tab"' in page.text
    assert stored("about", "full_name") == ["From the other tab"]

    decided = as_vendor.post(answers.url("about"), answers.body("about", mine, revision=answers.revision_shown(page)))
    assert decided.status_code == 302
    assert stored("about", "full_name") == ["From this tab"]


def test_page_of_a_draft_that_was_purged_is_stale(as_vendor):
    answers.save(as_vendor, "about", answers.ABOUT)
    old_page = answers.revision_shown(as_vendor.get(answers.url("about")))
    Draft.objects.all().delete()
    answers.save(as_vendor, "about", answers.ABOUT | {"full_name": "From the new draft"})

    mine = answers.ABOUT | {"full_name": "From the old page"}
    page = as_vendor.post(answers.url("about"), answers.body("about", mine, revision=old_page))

    assert page.status_code == 409
    assert stored("about", "full_name") == ["From the new draft"]


def test_stale_page_shows_rows_that_only_one_version_has(as_vendor):
    more = {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"}
    answers.save(as_vendor, "languages", answers.LANGUAGES | more)

    page = as_vendor.post(answers.url("languages"), answers.body("languages", answers.LANGUAGES))

    assert page.status_code == 409
    assert "Pair 2: From" in page.text


def test_double_click_on_save_is_one_save(as_vendor):
    body = answers.body("about", answers.ABOUT)

    responses = [as_vendor.post(answers.url("about"), body) for _ in range(2)]

    assert [response.status_code for response in responses] == [302, 302]


def test_double_click_on_another_pair_adds_one(as_vendor):
    body = answers.body("languages", answers.LANGUAGES, another="yes")

    for _ in range(2):
        as_vendor.post(answers.url("languages"), body)

    assert stored("languages", "pairs") == ["2"]


def test_page_left_open_after_sending_changes_nothing(as_vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)

    late = as_vendor.post(answers.url("about"), answers.body("about", answers.ABOUT | {"full_name": "Late"}))

    assert late.url == INDEX
    assert "You have already sent your answers" in as_vendor.get(INDEX).text
    assert stored("about", "full_name") == ["Łucja Nowak-Åberg"]


# Files


def test_good_file_is_kept_when_the_rest_of_the_page_is_wrong(as_vendor):
    typed = answers.QUALIFICATIONS | {"work-0-since": "long ago", "cv": answers.pdf("Life.pdf")}

    page = answers.save(as_vendor, "qualifications", typed)

    assert page.status_code == 200
    assert "Life.pdf" in page.text
    again = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS)
    assert again.status_code == 302
    assert Document.objects.get().name == "Life.pdf"


def test_refused_file_is_named_with_the_reason_even_on_save_and_exit(as_vendor):
    typed = answers.QUALIFICATIONS | {"cv": answers.pdf("page.pdf", b"<html>not a PDF</html>")}

    page = answers.save(as_vendor, "qualifications", typed, exit="yes")

    assert page.status_code == 200
    assert "“page.pdf” isn&#x27;t a type of file we can read here" in page.text
    assert stored("qualifications", "degree_title") == [answers.QUALIFICATIONS["degree_title"]]
    assert Document.objects.count() == 0


def test_file_chosen_once_is_not_asked_for_again(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")

    assert answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS).status_code == 302


def test_another_file_replaces_the_first(as_vendor):
    answers.fill_in(as_vendor, up_to="payment")

    newer = answers.pdf("Newer.pdf", answers.PDF + b"\n%%EOF\n")
    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": newer})

    assert Document.objects.get(replaced_at=None).name == "Newer.pdf"
    assert Document.objects.exclude(replaced_at=None).get().name == "My CV.pdf"


def test_degree_certificate_can_be_removed(as_vendor):
    typed = answers.QUALIFICATIONS | {"cv": answers.pdf(), "degree": answers.pdf("degree.pdf", answers.PDF * 2)}
    answers.save(as_vendor, "qualifications", typed)

    answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"degree_remove": "on"})

    assert list(Document.objects.filter(replaced_at=None).values_list("kind", flat=True)) == ["cv"]


def test_missing_cv_is_asked_for(as_vendor):
    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS)

    assert page.context["form"].errors["cv"] == ["Choose the file with your CV."]


def test_body_over_the_limit_is_answered_with_the_page_and_all_that_was_typed(as_vendor):
    files = {name: answers.pdf(f"{name}.pdf", b"%PDF-" + b"x" * (7 * 2**20)) for name in ("cv", "degree")}

    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | files)

    assert page.status_code == 200
    assert "The files you chose are more than 12 MB in total, so none of them was saved" in page.text
    assert stored("qualifications", "institution") == ["Uniwersytet Warszawski"]
    assert 'value="Uniwersytet Warszawski"' in page.text
    assert not Document.objects.exists()


def test_one_file_over_the_limit_is_named_and_not_called_several(as_vendor):
    big = answers.pdf("scan.pdf", b"%PDF-" + b"x" * (13 * 2**20))

    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": big})

    assert page.status_code == 200
    assert "“scan.pdf” is 13.0 MB, so it wasn&#x27;t saved" in page.text
    assert "more than 12 MB in total" not in page.text
    assert stored("qualifications", "institution") == ["Uniwersytet Warszawski"]


def test_too_much_is_told_even_on_save_and_exit(as_vendor):
    big = answers.pdf("scan.pdf", b"%PDF-" + b"x" * (13 * 2**20))

    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": big}, exit="yes")

    assert "“scan.pdf” is 13.0 MB, so it wasn&#x27;t saved" in page.text


@pytest.mark.parametrize("size", [4000, 2_000_000, 5_000_000])
@pytest.mark.parametrize("buttons", [{}, {"exit": "yes"}], ids=["continue", "exit"])
def test_far_too_long_answer_is_told_and_the_others_are_kept(as_vendor, size, buttons):
    typed = answers.CONTACT | {"address_lines": "x" * size, "locality": "Poznań"}

    page = answers.save(as_vendor, "contact", typed, **buttons)

    assert page.status_code == 200
    assert page.context["form"].errors["address_lines"] == [
        "This is more text than we can keep. Shorten your answer to 300 characters or fewer."
    ]
    assert stored("contact", "address_lines") == ["x" * 3000]
    assert stored("contact", "locality") == ["Poznań"]
    assert len(page.content) < LIGHT + 6000


def test_answer_that_is_a_little_too_long_is_kept_whole(as_vendor):
    page = answers.save(as_vendor, "contact", answers.CONTACT | {"address_lines": "x" * 310})

    assert page.context["form"].errors["address_lines"] == ["Shorten your answer to 300 characters or fewer."]
    assert stored("contact", "address_lines") == ["x" * 310]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ("about", "full_name"),
        ("contact", "phone"),
        ("contact", "working_days"),
        ("languages", "pairs-0-source"),
        ("languages", "pairs"),
        ("services", "everywhere"),
        ("rates", "currency"),
        ("tax", "vat_number"),
        ("payment", "method"),
        ("qualifications", "notes"),
    ],
)
def test_nothing_makes_a_draft_big(as_vendor, step, field):
    answers.fill_in(as_vendor, up_to="payment")
    for value in ("9" * 1_500_000, ["9" * 1000] * 1500):
        answers.save(as_vendor, step, {field: value})

        assert len(str(Draft.objects.get().answers)) < 60_000
        assert as_vendor.get(answers.url(step)).status_code == 200


def test_more_text_than_a_page_may_have_is_refused_with_a_sentence_about_text(as_vendor):
    page = answers.save(as_vendor, "contact", answers.CONTACT | {"address_lines": "x" * 7_000_000})

    assert page.status_code == 413
    assert "That's too much text</h1>" in page.text
    assert "file" not in page.text.partition("<main")[2].partition("</main>")[0]


def test_unusable_folder_keeps_what_was_typed_and_is_told_until_a_file_is_kept(
    as_vendor, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")

    page = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf()})

    assert page.status_code == 200
    (message,) = page.context["form"].errors["cv"]
    assert "We couldn't save “cv.pdf” because of a problem on our side." in message
    assert stored("qualifications", "institution") == ["Uniwersytet Warszawski"]
    assert not Document.objects.exists()
    case = Failure.objects.get()
    assert (case.stage, case.reason) == ("onboarding", "files_unusable")
    assert [person.address for person in case.people.all()] == [Draft.objects.get().vendor.primary_email]

    settings.MEDIA_ROOT = tmp_path / "repaired"
    with django_capture_on_commit_callbacks(execute=True):
        again = answers.save(as_vendor, "qualifications", answers.QUALIFICATIONS | {"cv": answers.pdf()})
    assert again.status_code == 302
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


# Who may


@pytest.mark.parametrize("path", ["", "about/", "check/"])
def test_somebody_not_signed_in_goes_to_the_sign_in_page(client, db, path):
    assert client.get(f"{INDEX}{path}").url.startswith(reverse("identity:sign-in"))


@pytest.mark.parametrize("path", ["", "about/"])
def test_staff_have_no_business_here(client, db, path):
    client.force_login(create_staff())

    assert client.get(f"{INDEX}{path}").status_code == 403


@pytest.mark.parametrize(
    ("state", "status", "target"),
    [
        (VendorState.SUBMITTED, 200, ""),
        (VendorState.DECLINED, 403, ""),
        (VendorState.APPROVED, 302, "/profile/"),
        (VendorState.ENDED, 403, ""),
        (VendorState.PREPARED, 403, ""),
    ],
)
def test_only_a_vendor_who_is_onboarding_may_edit(client, db, state, status, target):
    vendor = create_vendor(state=state)
    client.force_login(vendor.user)

    index = client.get(INDEX)
    assert index.status_code == status
    assert index.get("Location", "") == target
    for response in (
        client.get(answers.url("about")),
        client.post(answers.url("about"), answers.body("about", answers.ABOUT)),
    ):
        assert response.get("Location", "") == ("" if status == 403 else INDEX)
        assert status != 403 or response.status_code == 403
    assert not Draft.objects.exists()


# When something fails


def fail_with_answers(self: Any) -> None:
    raise ValueError(f"secret {self.cleaned_data}")


@pytest.fixture
def broken_step(monkeypatch):
    """The page of a step with a mistake in it, as only a release of ours can bring one about."""
    monkeypatch.setattr(forms.ContactForm, "answer", fail_with_answers)
    return monkeypatch


def test_exception_in_a_step_is_a_page_with_a_reference_and_a_case(as_vendor, vendor, broken_step, caplog):
    answers.save(as_vendor, "about", answers.ABOUT)

    page = answers.save(as_vendor, "contact", answers.CONTACT)

    failure = Failure.objects.get()
    assert page.status_code == 500
    assert failure.reference in page.text
    assert "Everything you saved earlier is safe" in page.text
    assert (failure.stage, failure.reason, failure.user) == ("onboarding", "step_error", vendor.user)
    assert failure.address == "lucja@example.com"
    assert failure.detail == {"step": "contact", "error": "ValueError"}
    assert stored("about", "full_name") == ["Łucja Nowak-Åberg"]
    assert "secret" not in caplog.text
    assert "Prosta" not in caplog.text


def test_later_success_at_the_step_resolves_the_case(as_vendor, broken_step):
    answers.save(as_vendor, "contact", answers.CONTACT)
    broken_step.undo()

    answers.save(as_vendor, "about", answers.ABOUT)
    assert Failure.objects.get().state == Failure.State.OPEN

    answers.save(as_vendor, "contact", answers.CONTACT)
    assert Failure.objects.get().state == Failure.State.RESOLVED


def test_field_that_fails_five_times_in_a_row_becomes_a_case(as_vendor, vendor):
    wrong = answers.PAYMENT | {"iban": "PL00 1234"}

    for _ in range(4):
        answers.save(as_vendor, "payment", wrong)
    assert Failure.objects.count() == 0
    answers.save(as_vendor, "payment", wrong)

    failure = Failure.objects.get()
    assert (failure.reason, failure.user, failure.count) == ("field_keeps_failing", vendor.user, 1)
    assert failure.detail == {"step": "payment", "field": "iban", "page": "How we pay you", "question": "IBAN"}
    assert answers.save(as_vendor, "payment", answers.PAYMENT).status_code == 302
    failure.refresh_from_db()
    assert failure.state == Failure.State.RESOLVED


def test_page_says_that_vm_knows_and_vm_reads_which_question(as_vendor, vendor):
    wrong = answers.PAYMENT | {"iban": "PL00 1234"}
    for _ in range(4):
        assert "vm-told" not in answers.save(as_vendor, "payment", wrong).text
    page = answers.save(as_vendor, "payment", wrong).text

    failure = Failure.objects.get()
    said = str(reasons.get("field_keeps_failing").person_text)
    assert said in page
    assert failure.reference in page
    mail_to_vm.tell(failure.pk)
    [message] = [message for message in mail.outbox if failure.reference in message.body]
    assert "  Step: How we pay you" in message.body
    assert "  Question: IBAN" in message.body
    assert said in message.body, "what the person read"
    assert failure.reference in answers.save(as_vendor, "payment", wrong).text, "VM knows of it still"
    cases.resolve(failure, how="rang them")
    assert said not in answers.save(as_vendor, "payment", wrong).text


def test_another_question_that_keeps_failing_is_news(as_vendor, vendor):
    for _ in range(5):
        answers.save(as_vendor, "payment", answers.PAYMENT | {"iban": "PL00 1234"})
    mail_to_vm.tell(Failure.objects.get().pk)
    mail.outbox.clear()
    for _ in range(5):
        page = answers.save(as_vendor, "contact", answers.CONTACT | {"phone": "1"})

    failure = Failure.objects.get()
    assert failure.reference in page.text
    mail_to_vm.tell(failure.pk)
    [message] = [message for message in mail.outbox if failure.reference in message.body]
    assert "Question: IBAN" not in message.body
    assert "  Question: " in message.body


def test_page_does_not_say_that_vm_knows_when_the_case_cannot_be_stored(as_vendor):
    wrong = answers.PAYMENT | {"iban": "PL00 1234"}
    for _ in range(4):
        answers.save(as_vendor, "payment", wrong)
    with column_missing("identity_failureperson", "who"):
        page = answers.save(as_vendor, "payment", wrong)
        assert page.status_code == 200
        assert "vm-told" not in page.text


def test_failures_that_are_not_in_a_row_are_no_case(as_vendor):
    wrong = answers.PAYMENT | {"iban": "PL00 1234"}

    for _ in range(3):
        answers.save(as_vendor, "payment", wrong)
        answers.save(as_vendor, "payment", wrong)
        answers.save(as_vendor, "payment", answers.PAYMENT)

    assert Failure.objects.count() == 0


# Speed


def statements_of_a_save(client: Client, step: str, typed: dict[str, Any], assert_num: Any) -> None:
    revision = answers.revision_shown(client.get(answers.url(step)))
    # Versions of agreements that VM has published are looked up, each time that page is judged.
    with assert_num(13 if step == "agreements" else 10):
        response = client.post(answers.url(step), answers.body(step, typed, revision=revision))
    assert response.status_code == 302


@pytest.mark.parametrize("count", [1, 50])
def test_saving_a_step_takes_a_constant_number_of_statements(as_vendor, django_assert_num_queries, count):
    typed = answers.everything() | {"languages": answers.languages_of(count), "qualifications": answers.QUALIFICATIONS}
    answers.fill_in(as_vendor, languages=typed["languages"])

    for step in typed:
        statements_of_a_save(as_vendor, step, typed[step], django_assert_num_queries)


# A vendor's time

LETTERS_A_MINUTE = 100  # of somebody who types slowly and looks things up
SECONDS_TO_CHOOSE = 8


@pytest.mark.django_db
def test_freelancer_with_one_pair_is_done_in_fifteen_minutes():
    given = [value for page in answers.everything().values() for value in page.values() if value]
    typed = [value for value in given if isinstance(value, str) and value not in ("on", "yes", "no")]
    chosen = len(given) - len(typed) + sum(len(value) for value in given if isinstance(value, list))

    minutes = sum(map(len, typed)) / LETTERS_A_MINUTE + (len(typed) + chosen) * SECONDS_TO_CHOOSE / 60

    assert minutes < 15


# Weight


def everything_offered(pairs: int) -> dict[str, dict[str, Any]]:
    """As many pairs as there may be, with long names, and every service in each."""
    tags = sorted(languages.TAGS, key=lambda tag: -len(languages.name(tag)))
    named = {"native_1": "Polish", "native_2": "", "pairs": str(pairs)}
    for number, (source, target) in enumerate(zip(tags[:pairs], tags[1:], strict=False)):
        named |= {f"pairs-{number}-source": languages.name(source), f"pairs-{number}-target": languages.name(target)}
    services = [service for service, _label in service_catalogue.SERVICES]
    rates = {"currency": "EUR", "minimum_fee": "25"}
    for service in services:
        unit = service_catalogue.UNITS_OF_SERVICE[service][0]
        amount = {"hour": "40", "minute": "7.5", "page": "18"}.get(unit, "0.08")
        rates |= {f"usual-{service}": amount, f"unit-{service}": unit}
    return {
        "languages": named,
        "services": answers.SERVICES | {"everywhere": services, "sworn_authority": "Landgericht Ulm"},
        "rates": rates,
    }


@pytest.mark.parametrize("pairs", [1, forms.MAX_PAIRS])
def test_pages_stay_light(as_vendor, pairs):
    offered = everything_offered(pairs)
    answers.fill_in(as_vendor, **offered)

    weights = {step: len(as_vendor.get(answers.url(step)).content) for step in STEPS}

    assert {step: weight for step, weight in weights.items() if weight > LIGHT} == {}


@pytest.mark.parametrize("step", ["services", "rates"])
def test_page_with_a_pair_opened_stays_light(as_vendor, step):
    offered = everything_offered(forms.MAX_PAIRS)
    answers.fill_in(as_vendor, **offered)
    pair = as_vendor.get(answers.url("rates")).context["form"].overview[7]["key"]

    answers.save(as_vendor, step, offered[step], another=pair)

    page = as_vendor.get(answers.url(step))
    assert [each["key"] for each in page.context["form"].open_pairs] == [pair]
    assert len(page.content) < LIGHT
