"""Every table that points to a vendor or a person is theirs, and so exported and erased, or says what staff did."""

from __future__ import annotations

import inspect

import pytest
from django.apps import apps
from django.db import models
from pghistory.models import Event
from procrastinate.contrib.django import app as procrastinate_app

from identity.models import EntraAccount, Invitation, User
from identity.privacy import personal_data as identity_data
from onboarding.models import Submission
from tests.factories import create_account, create_email_change, create_failure, create_invitation, create_vendor
from vendors.models import EmailChange, Vendor, VendorImport, VendorState
from vendors.privacy import erasure, export, personal_data

pytestmark = pytest.mark.django_db

OURS = {"identity", "vendors", "onboarding"}
# Who of staff did it, or had it done; the person it is about is named by another column.
ACTED = {
    "onboarding.SectionReview.by",
    "onboarding.Submission.reviewed_by",
    "vendors.BulkRun.by",
    "vendors.EmailChange.by",
    "vendors.EmailChangeRequest.decided_by",
    "vendors.ExchangeRate.by",
    "vendors.QualificationExport.by",
    "vendors.SavedView.owner",
    "vendors.Vendor.owner",
    "vendors.VendorEvent.by",
    "vendors.VendorExport.by",
    "vendors.VendorImport.by",
    "vendors.VendorImport.owner",
    "identity.Failure.assigned_to",
    "identity.Failure.resolved_by",
    "identity.Invitation.by",
}
# Of staff alone: when they are away, what they want to see, whose vendors they took over, which words they changed.
OF_COLLEAGUES = {"vendors.Absence", "vendors.ColleaguePreferences", "vendors.Handover"}
OF_COLLEAGUES |= {"vendors.Text", "vendors.TextChange", "vendors.AgreementVersion"}
# Django's own: they have their place in the code, or nothing of a vendor in them.
DJANGOS = {"identity.User_groups.user", "identity.User_user_permissions.user", "admin.LogEntry.user"}
DJANGOS |= {"pghistory.MiddlewareEvents.user"}


def pointing_to(model: type[models.Model]) -> dict[str, type[models.Model]]:
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}": relation.related_model
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel)
    }


def models_covered() -> set[type[models.Model]]:
    vendor = create_vendor()
    rows = personal_data.rows_of([vendor]) | personal_data.history_of([vendor])
    rows |= identity_data.rows(vendor.user, addresses=[vendor.primary_email])
    return {each.model for each in rows.values()} | {Vendor, User}


def test_every_table_that_points_to_a_person_is_covered():
    covered = models_covered()
    theirs = {
        name: model
        for name, model in pointing_to(User).items()
        if name not in ACTED | DJANGOS and model._meta.label not in OF_COLLEAGUES
    }

    assert {name for name, model in theirs.items() if model not in covered} == set()


@pytest.mark.parametrize("model", [EntraAccount, Invitation, Submission, Vendor])
def test_every_table_that_points_to_what_is_theirs_is_covered(model):
    covered = models_covered()

    assert {name for name, each in pointing_to(model).items() if each not in covered} == set()


def test_every_other_table_is_known_to_hold_nothing_of_theirs():
    """One that points to nobody may hold an address all the same, as imports do, and what is written to many."""
    others = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in OURS and model not in models_covered()
    }

    assert others == OF_COLLEAGUES | {
        "onboarding.Report",  # numbers
        "identity.DueDate",
        "identity.GraphAnswers",  # how often which
        "identity.GraphPause",
        "identity.Heartbeat",
        "identity.Installation",
        "identity.NetworkCount",  # under a keyed hash of the network
        "vendors.ExchangeRate",
        "vendors.FeedEpoch",
        "vendors.SavedView",
        "vendors.Tag",  # a word for all vendors that have it
        "vendors.QualificationExport",  # what was asked, and by whom; the answer is not kept
        "vendors.BulkRun",
        "vendors.VendorExport",  # how many, and not who
        VendorImport._meta.label,
    }


def test_history_is_kept_of_nothing_else():
    tracked = {model for model in apps.get_models() if issubclass(model, Event) and model._meta.managed}

    assert tracked <= models_covered()


def test_everything_that_is_left_out_of_the_export_is_there():
    fields = {field.name for model in apps.get_models() for field in model._meta.concrete_fields}

    assert fields >= export.LEFT_OUT


def test_every_job_about_a_row_is_found():
    procrastinate_app.perform_import_paths()
    ours = [task for name, task in procrastinate_app.tasks.items() if name.partition(".")[0] in OURS]
    arguments = {name for task in ours for name in inspect.signature(task.func).parameters}

    # Of an import, of an action for many, of a link for staff, of what a colleague likes; which of the vendor's rows or
    # addresses; how manieth, how long before, what, when.
    others = {"import_id", "bulk_id", "link_hash", "preferences_id", "acceptance_ids", "source", "number", "days"}
    others |= {"event", "timestamp", "context"}
    assert arguments - others == set(erasure.job_arguments())
    assert {model._meta.label for model in apps.get_models()} >= set(erasure.job_arguments().values())


# Whose address it is


@pytest.mark.parametrize("address", ["now@mail.example", "OLD@mail.example", "new@mail.example", "in@mail.example"])
def test_found_by_any_address_they_have_or_had(address):
    create_vendor()
    vendor = create_vendor(primary_email="now@mail.example", state=VendorState.APPROVED)
    create_email_change(vendor=vendor, old="old@mail.example", new="new@mail.example", state="undone")
    create_invitation(user=vendor.user, address="in@mail.example", state="superseded")

    assert personal_data.find(f" {address}") == vendor


def test_whoever_has_the_address_now_comes_before_whoever_had_it():
    former, holder = create_vendor(primary_email="f@mail.example"), create_vendor(primary_email="a@mail.example")
    create_email_change(vendor=former, old="a@mail.example", state="confirmed")

    assert personal_data.find("a@mail.example") == holder
    assert "a@mail.example" not in personal_data.addresses_of(former)
    assert "f@mail.example" in personal_data.addresses_of(former)


def test_several_who_had_the_address_are_named():
    for address in ("b@mail.example", "c@mail.example"):
        vendor = create_vendor(primary_email=address)
        create_email_change(vendor=vendor, old="a@mail.example", state="confirmed")

    with pytest.raises(personal_data.SeveralThere, match=r"b@mail\.example, c@mail\.example"):
        personal_data.find("a@mail.example")


@pytest.mark.parametrize("address", ["nobody@mail.example", "", "@"])
def test_nobody_is_found_for_an_unknown_address(address):
    create_vendor()
    create_failure(address="nobody@mail.example")

    with pytest.raises(personal_data.NobodyThere):
        personal_data.find(address)


def test_address_is_not_found_inside_a_longer_one():
    pattern = identity_data.pattern_for(["ana@mail.example", "ana@mail.example.org"])

    assert pattern.findall("ANA@mail.example, joana@mail.example, <ana@mail.example.org>") == [
        "ANA@mail.example",
        "ana@mail.example.org",
    ]
    assert not pattern.search("x.ana@mail.example x-ana@mail.example ana@mail.examples ana@mail.example.net")
    assert pattern.search("It was ana@mail.example.")
    assert not identity_data.pattern_for([]).search("anything")


def test_case_of_somebody_else_is_not_theirs_though_the_address_is():
    vendor, other = create_vendor(primary_email="a@mail.example"), create_vendor()
    create_account(user=vendor.user, address="a@mail.example")
    of_other = create_failure(user=other.user, address="a@mail.example")
    own = [create_failure(user=vendor.user), create_failure(address="a@mail.example")]

    addresses = personal_data.addresses_of(vendor)

    assert list(identity_data.rows(vendor.user, addresses=addresses)["failures"].order_by("pk")) == own
    assert identity_data.mentions(vendor.user, addresses=addresses) == [of_other]
    assert EmailChange.objects.count() == 0
