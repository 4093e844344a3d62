def test_sign_in_log_has_what_stayed_with_microsoft(sandbox, app, ana, person):
    app.sign_in(person("sandbox-stranger@gmail.com"))
    app.sign_in(ana)
    sandbox.add_sign_in("sandbox-old@gmail.com", 53003, client_id="another-app")
    ours = f"appId eq '{sandbox.client_id}' and createdDateTime ge 2020-01-01T00:00:00Z"

    entries = app.graph("GET", "/auditLogs/signIns", **{"$filter": ours}).json()["value"]
    failed = app.graph("GET", "/auditLogs/signIns", **{"$filter": f"{ours} and status/errorCode ne 0"}).json()["value"]

    assert [entry["status"]["errorCode"] for entry in entries] == [0, 50020]
    assert [entry["userPrincipalName"] for entry in failed] == ["sandbox-stranger@gmail.com"]
    assert failed[0]["status"]["failureReason"].startswith("User account 'sandbox-stranger@gmail.com'")
    assert failed[0]["correlationId"]


def test_sign_in_log_lags(sandbox, app, person):
    sandbox.settings(sign_in_log_delay_seconds=120)
    app.sign_in(person("sandbox-stranger@gmail.com"))

    early = app.graph("GET", "/auditLogs/signIns").json()["value"]
    sandbox.settings(clock_offset=121)
    late = app.graph("GET", "/auditLogs/signIns").json()["value"]

    assert (len(early), len(late)) == (0, 1)


def test_directory_audit_tells_of_invitation_and_redemption(app, accepted_ana):
    query = {"$filter": "activityDisplayName eq 'Redeem external user invite'"}
    entries = app.graph("GET", "/auditLogs/directoryAudits", **query).json()["value"]

    assert len(entries) == 1
