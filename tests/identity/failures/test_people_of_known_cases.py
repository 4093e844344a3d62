"""Cases from before people were kept: nobody whom VM has not been told of is forgotten, and nobody is told of twice."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone

from identity.failures import cases, mail_to_vm
from identity.models import Failure
from tests.factories import create_vendor

pytestmark = pytest.mark.django_db
name_people = import_module("identity.migrations.0003_people_of_known_cases").name_people


def known_case(subject: str, **fields) -> Failure:
    now = timezone.now()
    return Failure.objects.create(
        subject=subject, stage="sign_in", reason="microsoft_unavailable", first_seen_at=now, last_seen_at=now, **fields
    )


def test_common_case_gets_everybody_it_names():
    dora, gita = (create_vendor(state="invited", primary_email=f"{name}@mail.example") for name in ("dora", "gita"))
    case = known_case("passport", count=2, detail={"addresses": ["dora@mail.example", "gita@mail.example"]})
    name_people(apps, None)
    name_people(apps, None)

    mail_to_vm.tell(case.pk)
    [message] = mail.outbox
    assert {"dora@mail.example", "gita@mail.example"} <= set(message.body.splitlines())
    for vendor in (dora, gita):
        case.refresh_from_db()
        assert case.state == Failure.State.OPEN
        cases.resolve_for(vendor.user, stages=["sign_in"], how="signed in", common="sign_in")
    case.refresh_from_db()
    assert case.state == Failure.State.RESOLVED


def test_case_that_was_mailed_is_not_mailed_again():
    case = known_case(
        "address:dora@mail.example", address="dora@mail.example", mailed_at=timezone.now(), mailed_count=1
    )
    name_people(apps, None)

    mail_to_vm.tell(case.pk)
    mail_to_vm.tell_digest(message_id="digest-1")
    assert mail.outbox == []
    case.refresh_from_db()
    assert case.is_typed
