"""Subjects of emails about cases: the reason in a few words, and whom it is about behind it, uncut."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone

from identity.failures import cases, headlines, mail_to_vm, reasons
from identity.mail import subjects
from identity.models import Heartbeat

ADDRESS = "dora.nowak@mail.example"


def test_every_reason_has_one_of_its_own_that_leaves_room_for_an_address():
    assert set(headlines.HEADLINES) == set(reasons.CATALOGUE)
    said = [str(text) for text in headlines.HEADLINES.values()]
    assert [text for text in said if len(text) > headlines.LONGEST] == []
    assert len(set(said)) == len(said)
    for text in said:
        assert subjects.about(text, ADDRESS) == f"[Passport] {text}: {ADDRESS}"


@pytest.mark.django_db(transaction=True)
def test_subject_says_how_many_more_there_are_however_long_the_rest_is():
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    for number in range(12):
        case = cases.report(stage="invitation", reason="graph_unavailable", address=f"{number}.{'x' * 40}@mail.example")

    mail_to_vm.tell(case.pk)

    [message] = mail.outbox
    assert message.subject.startswith("[Passport] Microsoft down, inv")
    assert message.subject.endswith("… and 11 more")
    assert len(message.subject) < 70
