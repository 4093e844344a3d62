def test_everything_sent_is_recorded_but_no_token(sandbox, app):
    app.invite("chen@agency.example")
    app.invite("bad+address@agency.example")

    recorded = sandbox.requests(operation="invitations")

    assert [one["status"] for one in recorded] == [201, 400]
    assert recorded[0]["body"] == {
        "invitedUserEmailAddress": "chen@agency.example",
        "inviteRedirectUrl": app.welcome,
        "sendInvitationMessage": True,
        "invitedUserMessageInfo": {"messageLanguage": "en-GB"},
    }
    assert app.app_token not in str(recorded)
