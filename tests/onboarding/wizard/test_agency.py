"""A company with several translators is asked as an agency; its answers are reviewed, approved and changed as such."""

from __future__ import annotations

import pytest

from onboarding.change import decide
from onboarding.draft.steps import asked_of
from onboarding.models import Draft, Submission
from onboarding.review import decide as review
from tests.journeys.everything import found, kept
from tests.onboarding import answers, changing
from tests.records import events
from vendors import lifecycle
from vendors.models import Acceptance, CompanyDetails, Document, LockedRecord, Qualification, Vendor
from vendors.privacy import erasure, export, locks

pytestmark = pytest.mark.django_db

COMPANY = {"about": answers.ABOUT | {"kind": "company", "company_legal_name": "Nowak Sp. z o.o."}}
INDEX = "/onboarding/"


def stored(step: str) -> dict[str, list[str]]:
    return Draft.objects.get().answers[step]


def states(client) -> dict[str, str]:
    return {step["name"]: step["state"] for step in client.get(INDEX).context["steps"]}


def test_nothing_personal_is_asked_of_the_contact_person(as_vendor):
    answers.save(as_vendor, "about", COMPANY["about"])

    assert list(states(as_vendor)) == [step.name for step in asked_of("company")] + ["check"]
    assert "qualifications" not in states(as_vendor)
    pages = {step: as_vendor.get(answers.url(step)).context["form"] for step in ("contact", "languages", "agreements")}
    assert not {"weekly_hours", "working_days", "notice"} & set(pages["contact"].fields)
    assert not {"native_1", "native_2"} & set(pages["languages"].fields)
    assert pages["agreements"]["signatory"].value() == answers.ABOUT["full_name"]
    refused = as_vendor.get(answers.url("qualifications"), follow=True)
    assert refused.redirect_chain == [(INDEX, 302)]


def test_changing_the_kind_and_back_loses_nothing_of_either(as_vendor):
    answers.fill_in(as_vendor, tax=answers.TAX | {"party": "person"})
    before = Draft.objects.get().answers

    answers.save(as_vendor, "about", COMPANY["about"])
    assert {step for step, state in states(as_vendor).items() if state == "completed"} == {
        *("about", "contact", "languages", "services", "rates", "payment")
    }
    agency = answers.of_an_agency() | COMPANY
    agency["tax"]["party"] = "company"
    for step in ("contact", "languages", "services", "team", "certificates", "tax", "agreements"):
        assert answers.save(as_vendor, step, agency[step]).status_code == 302
    assert set(states(as_vendor).values()) == {"completed", "incomplete"}  # the check
    as_agency = {step: stored(step) for step in ("team", "certificates")}

    answers.save(as_vendor, "about", answers.ABOUT)
    assert {name for name, state in states(as_vendor).items() if state != "completed"} == {"check"}
    for step in ("languages", "contact", "services", "agreements"):
        asked_before = {name for name in before[step] if any(before[step][name])}
        changed = {"contact": {"contact-projects_name"}}.get(step, set())
        assert {name for name in asked_before if stored(step).get(name) != before[step][name]} <= changed
    assert stored("qualifications") == before["qualifications"]

    answers.save(as_vendor, "about", COMPANY["about"])
    assert {step: stored(step) for step in ("team", "certificates")} == as_agency
    assert stored("contact")["contact-projects_name"] == ["Projects desk"]
    assert stored("agreements")["agreements-position"] == ["Prezes zarządu"]
    assert {name for name, state in states(as_vendor).items() if state != "completed"} == {"check"}


def test_page_opened_before_the_kind_was_changed_is_saved_as_it_was_shown(as_vendor):
    answers.fill_in(as_vendor)
    revision = answers.revision_shown(as_vendor.get(answers.url("contact")))
    answers.save(as_vendor, "about", COMPANY["about"])

    body = answers.body("contact", answers.CONTACT | {"weekly_hours": "12", "working_days": []}, revision=revision)
    as_vendor.post(answers.url("contact"), body | {"shown_to": "freelancer"})
    assert (stored("contact")["contact-weekly_hours"], "contact-working_days" in stored("contact")) == (["12"], False)

    answers.save(as_vendor, "languages", answers.of_an_agency()["languages"])
    revision = Draft.objects.get().revisions["qualifications"]
    page = answers.body("qualifications", answers.QUALIFICATIONS | {"notes": "A prize"}, revision=revision)
    assert as_vendor.post(answers.url("qualifications"), page).url == INDEX
    assert stored("qualifications")["qualifications-notes"] == ["A prize"]
    assert stored("languages")["languages-native_1"] == ["Polish"]


def test_only_the_chosen_branch_is_sent_approved_and_printed(as_vendor, vendor: Vendor):
    answers.fill_in(as_vendor)
    answers.fill_in(as_vendor, **answers.of_an_agency())

    answers.send(as_vendor)

    sent = Submission.objects.get()
    assert set(sent.answers) == {step.name for step in asked_of("company")}
    assert (sent.answers["languages"]["native"], sent.answers["services"]["sworn_authority"]) == ([], "")
    assert "weekly_hours" not in sent.answers["contact"]
    assert set(sent.document_ids) == {str(Document.objects.get(slot="insurance").pk)}
    printed = as_vendor.get("/onboarding/answers.html").text
    assert "Ewa Zielińska, Prezes zarządu" in printed
    assert "Projects desk" in printed
    signed = Acceptance.objects.filter(vendor=vendor, document="cooperation").get()
    assert (signed.signatory, signed.position, signed.may_sign, signed.audience) == (
        *("Ewa Zielińska", "Prezes zarządu", True),
        "company",
    )

    review.approve(sent, by=None)
    details = CompanyDetails.objects.get(vendor=vendor)
    assert (details.linguists_in_house, details.in_house_pairs, details.projects_phone) == (
        6,
        ["de.pl"],
        "+48221234568",
    )
    assert [row["initials"] for row in details.linguists] == ["A. B., C. D.", "E. F."]
    assert not Qualification.objects.filter(vendor=vendor).exists()
    insurance = Document.objects.get(slot="insurance")
    assert (insurance.issued_by, insurance.scope) == ("Example Insurance plc", "Errors and omissions, EUR 1,000,000")
    assert insurance.approved_at
    assert Document.objects.get(slot="cv").approved_at is None
    profile = as_vendor.get("/profile/").text
    for text in ("80 freelance", "A. B., C. D.", "Example AG, Erna Muster", "Projects desk", "/profile/changes/team/"):
        assert text in profile, text
    assert "Native language" not in profile
    assert "My CV.pdf" not in profile
    assert "/profile/changes/qualifications/" not in profile


def test_freelancer_who_becomes_an_agency_after_approval(as_vendor, as_vera, vendor: Vendor):
    changing.approved_first(vendor)

    saved = changing.save(as_vendor, "about", COMPANY["about"])
    assert saved.url == changing.url("team")
    agency = answers.of_an_agency() | COMPANY
    for step in ("contact", "team", "certificates", "tax"):
        changing.save(as_vendor, step, agency[step])
    changing.send(as_vendor)

    change = changing.latest()
    assert set(change.changed) == {"about", "contact", "languages", "qualifications", "team", "certificates", "tax"}
    assert "qualifications" not in change.answers
    page = as_vera.get(f"/admin/onboarding/submission/{change.pk}/change/")
    dropped = next(part for part in page.context["parts"] if part.step == "qualifications")
    assert (dropped.is_dropped, dropped.needs_review, bool(dropped.compared.differences)) == (True, False, True)
    decide.approve(change, by=None)
    assert not Qualification.objects.filter(vendor=vendor).exists()
    assert CompanyDetails.objects.get(vendor=vendor).revision == "always"
    # What was accepted as a freelancer does not bind the company.
    asked = as_vendor.get("/", follow=True)
    assert asked.request["PATH_INFO"] == "/agreements/"
    assert "may_sign" in asked.context["form"].fields


def test_section_that_is_not_asked_any_more_needs_no_answer(as_vendor, vendor: Vendor):
    sent = changing.sent_first(vendor)
    changing.ask_for_changes(sent, qualifications="Which years?")
    agency = answers.of_an_agency()
    agency["tax"]["party"] = "company"
    for step in ("about", "contact", "languages", "services", "team", "certificates", "tax", "agreements"):
        answers.save(as_vendor, step, agency[step])

    assert answers.send(as_vendor).url == INDEX
    assert set(changing.latest().answers) == {step.name for step in asked_of("company")}


def test_switching_and_back_before_a_change_is_sent_changes_nothing(as_vendor, vendor: Vendor):
    changing.approved_first(vendor)

    changing.save(as_vendor, "about", COMPANY["about"])
    changing.save(as_vendor, "team", answers.TEAM)
    changing.save(as_vendor, "about", answers.ABOUT)

    page = as_vendor.get(changing.INDEX)
    assert page.context["changed"] == []
    assert stored("team")["team-revision"] == ["always"]


def test_agency_that_was_asked_as_a_person_once_can_go_on(as_vendor, vendor: Vendor):
    """Approved before agencies were asked as agencies: what it does not touch stays as it was approved."""
    sent = changing.approved_first(vendor)
    sent.answers["about"] |= {"kind": "company", "company_legal_name": "Nowak Sp. z o.o."}
    sent.answers["tax"]["registration_number"] = "0000123456"
    sent.save()

    changing.save(as_vendor, "services", answers.SERVICES | {"specialisms": ["legal"]})
    assert as_vendor.get(changing.INDEX).context["is_complete"]
    saved = changing.save(as_vendor, "team", answers.TEAM)
    assert saved.url == changing.url("certificates")
    changing.save(as_vendor, "certificates", answers.of_an_agency()["certificates"])
    changing.send(as_vendor)

    assert {"team", "certificates"} < set(changing.latest().answers)
    assert "qualifications" not in changing.latest().answers


WORDS = ["Ewa Zielińska", "Prezes zarządu", "Projects desk", "+48221234568", "A. B., C. D.", "erna@client.example"]


def test_what_an_agency_answered_is_exported_and_erased(as_vera, vera, vendor: Vendor, media_root):
    sent = changing.approved_first(vendor, **answers.of_an_agency())
    as_vera.post(
        f"/admin/onboarding/submission/{sent.pk}/sample/", {"holds": "yes", "how": "C. D.: diploma of 2011 seen"}
    )

    document = export.as_json(export.export(vendor))
    assert found([*WORDS, "diploma of 2011"], document) == [*WORDS, "diploma of 2011"]
    assert found([*WORDS, "diploma of 2011"], kept(media_root)) == [*WORDS, "diploma of 2011"]
    assert vera.email not in document

    lifecycle.erase(vendor, reason="asked", via="test")
    erasure.finish(vendor)
    for record in LockedRecord.objects.filter(vendor=vendor):  # tax and evidence, until their date
        locks.forget(record, via="test")
    assert found([*WORDS, "diploma of 2011"], kept(media_root)) == []
    assert len(events(vendor)) > 3
