"""What the roles may do, against what the pages ask for."""

from __future__ import annotations

import ast
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from identity import roles
from onboarding.models import Submission
from onboarding.review import decide as review
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.onboarding import answers, changing
from tests.processes import PROJECT
from vendors.models import VendorState

pytestmark = pytest.mark.django_db

IN_THE_TABLE = set().union(*(roles.permissions([role]) for role in roles.PERMISSIONS))
PERMISSION = re.compile(r"^(identity|vendors|onboarding)\.[a-z]+_[a-z_]+$")
SOMEBODY_ELSES = answers.PAYMENT | {
    "holder": "Jan Kowalski",
    "holder_is_vendor": "no",
    "holder_reason": "He is our agent.",
}
OF_THE_ACCOUNT = ["2874", "IBAN", "Jan Kowalski", "He is our agent"]
DO_NOT_PAY = sorted(roles.PERMISSIONS.keys() - {roles.VENDOR_MANAGER, roles.FINANCE, roles.ADMINISTRATOR})


def named_in_code() -> set[str]:
    """Whole strings that are a permission, wherever something is asked; the tables of the roles ask nothing."""
    found = set()
    for app in ("identity", "vendors", "onboarding", "passport"):
        for path in (PROJECT / app).rglob("*.py"):
            if path.name == "roles.py" or "migrations" in path.parts:
                continue
            strings = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
            found |= {text for text in strings if isinstance(text, str) and PERMISSION.match(text)}
        for path in (PROJECT / app).rglob("*.html"):
            found |= {".".join(parts) for parts in re.findall(r"perms\.(\w+)\.(\w+)", path.read_text())}
    return found & {
        f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")
    }


def asked_by_the_admin() -> set[str]:
    """Those on which it depends whether a page of a model opens."""
    found = set()
    for model, pages in admin.site._registry.items():
        for verb in ("view", "add", "change", "delete"):
            name = f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
            request = RequestFactory().get("/admin/")
            answers = []
            for granted in (set(), {name}):
                request.user = create_staff()
                request.user._perm_cache = granted
                request.user.has_perm = granted.__contains__
                answers.append(getattr(pages, f"has_{verb}_permission")(request))
            if answers == [False, True]:
                found.add(name)
    return found


def test_every_permission_of_a_role_is_asked_for_somewhere():
    assert IN_THE_TABLE - named_in_code() - asked_by_the_admin() == set()


def test_everything_that_is_asked_for_somebody_may():
    assert named_in_code() - IN_THE_TABLE == set()


def test_every_permission_of_a_role_exists():
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}

    assert IN_THE_TABLE - known == set()


@pytest.mark.parametrize("role", DO_NOT_PAY)
def test_who_does_not_pay_reads_nothing_of_an_account(role):
    """Of one that was approved, one that waits, and another one that a change names."""
    client, waiting, approved = (
        signed_in(create_staff(role=role)),
        *(create_vendor(state=VendorState.ONBOARDING) for _ in range(2)),
    )
    changing.sent_first(waiting, payment=SOMEBODY_ELSES)
    review.approve(changing.sent_first(approved), by=None)
    approved.refresh_from_db()
    browser = signed_in(approved.user)
    changing.name_account(browser, holder="Jan Kowalski", iban=answers.PAYMENT["iban"], payout_currency="CHF")
    changing.send(browser)

    pages = [f"/admin/onboarding/submission/{sent.pk}/change/" for sent in Submission.objects.all()]
    pages += [f"/admin/vendors/vendor/{vendor.pk}/change/" for vendor in (waiting, approved)]
    pages += [f"/admin/vendors/vendor/{vendor.pk}/explain/" for vendor in (waiting, approved)]

    assert len(pages) == 7
    for page in pages:
        for path in (page, f"{page}?all"):
            read = client.get(path)
            assert read.status_code == 200 or (role == roles.PROJECT_MANAGER and read.status_code in (302, 403))
            assert [word for word in OF_THE_ACCOUNT if word in read.text] == [], path


@pytest.mark.parametrize("role", sorted(roles.PERMISSIONS.keys() - set(DO_NOT_PAY)))
def test_who_has_to_do_with_payments_reads_the_end_of_an_account(role):
    sent = changing.sent_first(create_vendor(state=VendorState.ONBOARDING), payment=SOMEBODY_ELSES)

    read = signed_in(create_staff(role=role)).get(f"/admin/onboarding/submission/{sent.pk}/change/").text

    assert "IBAN PL… 2874" in read
    assert "Jan Kowalski" in read
