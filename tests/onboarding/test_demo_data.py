import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from identity.microsoft import graph
from identity.models import Failure, Invitation, User
from onboarding.draft.steps import asked_of
from onboarding.management.demo_people import PEOPLE
from onboarding.models import Submission
from tests.passport_fixture import in_thread
from tests.sandbox_fixture import Sandbox
from vendors import lifecycle
from vendors.models import Document, Vendor, VendorEvent, VendorState


@pytest.fixture
def tenant(settings, sandbox: Sandbox) -> Iterator[Sandbox]:
    sandbox.reset()
    settings.ENTRA_AUTHORITY = settings.GRAPH_URL = sandbox.url
    settings.ENTRA_TENANT_ID = sandbox.tenant_id
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.smtp_port
    graph.forget_token()  # another tenant's is worth nothing here
    yield sandbox
    graph.forget_token()


def demo_data() -> str:
    out = io.StringIO()
    in_thread(lambda: call_command("demo_data", stdout=out))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENTRA_AUTHORITY", "https://login.microsoftonline.com"),
        ("GRAPH_URL", "https://graph.microsoft.com"),
        ("EMAIL_HOST", "mail.example.com"),
        ("EMAIL_HOST", None),
    ],
)
def test_demo_data_refuses_anything_but_this_machine(db, settings, name, value):
    settings.EMAIL_HOST = "127.0.0.1"
    setattr(settings, name, value)

    with pytest.raises(CommandError) as refusal:
        demo_data()

    assert "not on this machine" in str(refusal.value)
    assert refusal.value.returncode == 1
    assert not Vendor.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_demo_data_brings_everybody_where_they_belong(tenant):
    said = demo_data()

    states = {vendor.primary_email: vendor.state for vendor in Vendor.objects.all()}
    assert states == {person.address: person.gets_to for person in PEOPLE}
    assert set(states.values()) >= {
        VendorState.PREPARED,
        VendorState.INVITED,
        VendorState.ONBOARDING,
        VendorState.SUBMITTED,
        VendorState.CHANGES_REQUESTED,
        VendorState.APPROVED,
    }
    for address in states:
        assert address in said
    assert "vera.vm@sandberg.example" in said
    invitation = tenant.wait_for_mail("sandbox-ana@gmail.com", "invited you to collaborate")
    assert invitation["accept_url"].startswith(tenant.url)
    assert tenant.guest("chen@agency.example") is None
    assert Failure.objects.get().reason == "address_is_member"
    see_whole_submissions_and_profiles()


def see_whole_submissions_and_profiles() -> None:
    for submission in Submission.objects.all():
        kind = submission.answers["about"]["kind"]
        assert set(submission.answers) == {step.name for step in asked_of(kind)}
    approved = Vendor.objects.filter(state=VendorState.APPROVED)
    assert approved.count() == 2
    for vendor in approved:
        assert vendor.profile.full_name == vendor.name
        assert vendor.rates.count() == sum(len(pair.services) for pair in vendor.language_pairs.all())
        assert vendor.profile.numbers
        assert vendor.documents.filter(kind=Document.Kind.CV, approved_at__isnull=False).exists()
        assert vendor.acceptances.count() == 3
    unfinished = Vendor.objects.get(state=VendorState.ONBOARDING)
    assert unfinished.draft.completed == ["about", "contact", "languages"]
    assert unfinished.draft.problems == []


@pytest.mark.django_db(transaction=True)
def test_demo_data_again_leaves_everything_as_people_left_it(tenant):
    demo_data()
    vera = User.objects.create_user(email="vera.vm@sandberg.example", is_staff=True)
    lifecycle.withdraw_invitation(Vendor.objects.get(primary_email="sandbox-ana@gmail.com"), by=vera)
    lifecycle.suspend(Vendor.objects.get(primary_email="jonas@ordklang.example"), by=vera, reason="on holiday")
    seen = everything_there_is(tenant)

    demo_data()

    assert everything_there_is(tenant) == seen


def everything_there_is(tenant: Sandbox) -> tuple[object, ...]:
    states = sorted(Vendor.objects.values_list("primary_email", "state"))
    return states, Invitation.objects.count(), VendorEvent.objects.count(), len(tenant.requests())


@pytest.mark.django_db(transaction=True)
def test_demo_data_goes_on_where_it_was_interrupted(tenant, monkeypatch):
    monkeypatch.setattr("onboarding.management.commands.demo_data.wait_until_sent", lambda vendors: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo_data()
    monkeypatch.undo()

    demo_data()

    assert Submission.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_demo_data_says_so_when_the_tenant_is_down(tenant, settings, monkeypatch):
    settings.ENTRA_AUTHORITY = settings.GRAPH_URL = "http://127.0.0.1:9"
    monkeypatch.setattr("onboarding.management.commands.demo_data.SECONDS_TO_INVITE", 0.1)

    with pytest.raises(CommandError, match="sandbox tenant"):
        demo_data()

    assert ProcrastinateJob.objects.filter(status="todo", scheduled_at__gt=timezone.now()).exists()
