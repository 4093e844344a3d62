def test_invitation_mail_is_microsofts(sandbox, app, ana):
    mail = ana.read_mail("invited you")
    page = ana.go(f"{sandbox.url}/mail/{ana.address}/{mail['number']}/")

    assert mail["from"] == "Microsoft Invitations on behalf of Sandberg <invites@microsoft.com>"
    assert mail["subject"] == "Sandberg invited you to access applications within their organization"
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
