import smtplib
from email.message import EmailMessage

import pytest

from identity.sandbox.client import NoSuchMail


def send(sandbox, *recipients: str, subject: str = "Hello", text: str = "See http://127.0.0.1:8000/help/.") -> dict:
    message = EmailMessage()
    message["From"] = "Passport <passport@sandberg.example>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["X-Reference"] = "r-1"
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=10) as server:
        return server.send_message(message)


def test_mail_arrives_in_each_mailbox(sandbox):
    send(sandbox, "Ana@mail.example", "vm@sandberg.example", subject="Grüße")

    mail = sandbox.wait_for_mail("ana@mail.example", "grüße")
    assert mail["from"] == "Passport <passport@sandberg.example>"
    assert mail["links"] == ["http://127.0.0.1:8000/help/"]
    assert ["X-Reference", "r-1"] in mail["headers"]
    assert len(sandbox.mails("VM@sandberg.example")) == 1


def test_mailbox_pages_link_and_escape(sandbox, person):
    reader = person("ana@mail.example")
    send(sandbox, reader.address, subject="<b>Bold</b>", text="<script>x</script> http://127.0.0.1:8000/a?b=1&c=2 end")

    reader.go(f"{sandbox.url}/mail/{reader.address}/")
    page = reader.follow("Bold")

    assert page.heading == "<b>Bold</b>"
    assert "<script>" not in page.html
    assert page.link("http://127.0.0.1:8000/a") == "http://127.0.0.1:8000/a?b=1&c=2"


def test_front_page_lists_people_and_what_they_are_for(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    send(sandbox, "never.seen@mail.example")

    page = person("x@mail.example").go(f"{sandbox.url}/")

    for name in ("vera.vm@sandberg.example", "sandbox-ana@gmail.com", "vm@sandberg.example", "never.seen@mail.example"):
        assert name in page.text
        assert f"{sandbox.url}/mail/{name}/" in [href for href, _ in page.links]
    assert "Gets a code by mail each time" in page.text
    assert "Ana Almeida invited" in page.text


def test_invitation_mail_is_microsofts(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")

    mail = vendor.read_mail("invited you")
    page = vendor.go(f"{sandbox.url}/mail/{vendor.address}/{mail['number']}/")

    assert mail["from"] == "Microsoft Invitations on behalf of Sandberg <invites@microsoft.com>"
    assert mail["subject"] == "Sandberg invited you to access applications within their organization"
    assert mail["language"] == "en-GB"
    assert page.link("Accept invitation") == mail["accept_url"]
    assert app.welcome in page.text


def test_blocked_invitations_are_not_delivered(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    vendor = person("sandbox-ana@gmail.com")
    vendor.go(f"{sandbox.url}/mail/{vendor.address}/1/")
    vendor.follow("Block future invitations")
    assert vendor.submit("unsubscribe").heading == "Blocked"

    answer = app.invite("sandbox-ana@gmail.com")

    assert answer.status_code == 201
    assert len(sandbox.mails("sandbox-ana@gmail.com")) == 1
    activities = app.graph("GET", "/auditLogs/directoryAudits").json()["value"]
    assert activities[0]["activityDisplayName"] == "Email not sent, user unsubscribed"


def test_forged_links_are_refused(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    url = sandbox.wait_for_mail("sandbox-ana@gmail.com")["accept_url"]
    forger = person("forger@mail.example")

    assert forger.go(url[:-20] + "A" * 20).aadsts == 90013
    assert forger.go(f"{sandbox.url}/redeem").aadsts == 90013
    assert forger.go(f"{sandbox.url}/unsubscribe?address=sandbox-ana@gmail.com&ticket=x").status == 404


def test_mail_server_refuses_whom_it_is_told_to(sandbox):
    sandbox.smtp(fault={"reply": "550 5.1.1 No such user", "address": "gone@mail.example"})
    sandbox.smtp(fault={"reply": "451 4.7.1 Try later", "address": "busy@mail.example", "count": 1})

    with pytest.raises(smtplib.SMTPRecipientsRefused) as gone:
        send(sandbox, "gone@mail.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as busy:
        send(sandbox, "busy@mail.example")
    send(sandbox, "busy@mail.example")

    assert gone.value.recipients["gone@mail.example"][0] == 550
    assert busy.value.recipients["busy@mail.example"][0] == 451
    assert len(sandbox.mails()) == 1


@pytest.mark.parametrize(("moment", "delivered"), [("before", 0), ("after", 1)])
def test_mail_server_breaks_off(sandbox, moment, delivered):
    sandbox.smtp(fault={"drop": moment, "count": 1})

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sandbox, "ana@mail.example")

    assert len(sandbox.mails("ana@mail.example")) == delivered


def test_mail_server_down_and_up_again(sandbox):
    sandbox.smtp(down=True)
    with pytest.raises(ConnectionRefusedError):
        send(sandbox, "ana@mail.example")
    sandbox.smtp(down=False)
    send(sandbox, "ana@mail.example")

    assert len(sandbox.mails("ana@mail.example")) == 1


def test_waiting_for_mail_that_does_not_come(sandbox):
    with pytest.raises(NoSuchMail):
        sandbox.wait_for_mail("ana@mail.example", "never", timeout=0.2)
