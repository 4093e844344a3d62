import smtplib

import pytest

from identity.sandbox.client import NoSuchMail

from .application import send_mail


def test_mail_arrives_in_each_mailbox(sandbox):
    send_mail(sandbox, "Ana@mail.example", "vm@sandberg.example", subject="Grüße")

    mail = sandbox.wait_for_mail("ana@mail.example", "grüße")
    assert mail["from"] == "Passport <passport@sandberg.example>"
    assert mail["links"] == ["http://127.0.0.1:8000/help/"]
    assert ["X-Reference", "r-1"] in mail["headers"]
    assert len(sandbox.mails("VM@sandberg.example")) == 1


def test_mail_server_refuses_whom_it_is_told_to(sandbox):
    sandbox.smtp(fault={"reply": "550 5.1.1 No such user", "address": "gone@mail.example"})
    sandbox.smtp(fault={"reply": "451 4.7.1 Try later", "address": "busy@mail.example", "count": 1})

    with pytest.raises(smtplib.SMTPRecipientsRefused) as gone:
        send_mail(sandbox, "gone@mail.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as busy:
        send_mail(sandbox, "busy@mail.example")
    send_mail(sandbox, "busy@mail.example")

    assert gone.value.recipients["gone@mail.example"][0] == 550
    assert busy.value.recipients["busy@mail.example"][0] == 451
    assert len(sandbox.mails()) == 1


@pytest.mark.parametrize(("moment", "delivered"), [("before", 0), ("after", 1)])
def test_mail_server_breaks_off(sandbox, moment, delivered):
    sandbox.smtp(fault={"drop": moment, "count": 1})

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send_mail(sandbox, "ana@mail.example")

    assert len(sandbox.mails("ana@mail.example")) == delivered


def test_mail_server_down_and_up_again(sandbox):
    sandbox.smtp(down=True)
    with pytest.raises(ConnectionRefusedError):
        send_mail(sandbox, "ana@mail.example")
    sandbox.smtp(down=False)
    send_mail(sandbox, "ana@mail.example")

    assert len(sandbox.mails("ana@mail.example")) == 1


def test_waiting_for_mail_that_does_not_come(sandbox):
    with pytest.raises(NoSuchMail):
        sandbox.wait_for_mail("ana@mail.example", "never", timeout=0.2)
