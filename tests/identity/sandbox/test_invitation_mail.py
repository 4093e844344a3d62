import pytest

from identity.sandbox import configuration
from identity.sandbox.invitation_mail import sender_and_subject

TENANT = {"ENTRA_TENANT_ID": "tenant", "ENTRA_CLIENT_ID": "client", "ENTRA_CLIENT_SECRET": "secret"}


def test_invitation_mail_is_microsofts(sandbox, app, ana):
    mail = ana.read_mail("invited you")
    page = ana.go(f"{sandbox.url}/mail/{ana.address}/{mail['number']}/")

    sender = "Microsoft Invitations on behalf of sandberg.onmicrosoft.com <invites@sandberg.onmicrosoft.com>"
    assert mail["from"] == sender
    assert mail["subject"] == "Sandberg invited you to collaborate with sandberg.onmicrosoft.com"
    assert mail["language"] == "en-GB"
    assert page.link(named="Accept invitation") == mail["accept_url"]
    assert app.welcome in page.text


def test_blocked_invitations_are_not_delivered(sandbox, app, ana):
    ana.go(f"{sandbox.url}/mail/{ana.address}/1/")
    ana.follow("/unsubscribe")
    assert ana.submit("unsubscribe").heading == "Blocked"

    answer = app.invite("sandbox-ana@gmail.com")

    assert answer.status_code == 201
    assert len(sandbox.mails("sandbox-ana@gmail.com")) == 1
    activities = app.graph("GET", "/auditLogs/directoryAudits").json()["value"]
    assert activities[0]["activityDisplayName"] == "Email not sent, user unsubscribed"


@pytest.mark.parametrize(
    ("setting", "sender", "subject"),
    [
        ("", "<invites@sandberg.onmicrosoft.com>", "to collaborate with sandberg.onmicrosoft.com"),
        ("invites@other.onmicrosoft.com", "<invites@other.onmicrosoft.com>", "to collaborate with"),
        (
            "invites@microsoft.com",
            "Sandberg <invites@microsoft.com>",
            "to access applications within their organization",
        ),
    ],
)
def test_tenant_sends_what_the_setting_says(setting, sender, subject):
    tenant = configuration.read({**TENANT, "INVITATION_SENDER": setting})

    sent_by, called = sender_and_subject(tenant)

    assert sent_by.endswith(sender)
    assert subject in called
