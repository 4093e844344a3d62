import time

import pytest
import requests


def error(answer) -> tuple[int, str]:
    data = answer.json()["error"]
    assert {"date", "request-id", "client-request-id"} == set(data["innerError"])
    return answer.status_code, data["code"]


def test_invitation_answer_has_graphs_shape(sandbox, app):
    answer = app.invite("Chen@Agency.example", inviteRedirectUrl="https://passport.example")
    data = answer.json()
    guest = sandbox.guest("chen@agency.example")

    assert answer.status_code == 201
    assert data["invitedUser"] == {
        "id": guest["id"],
        "userPrincipalName": "chen_agency.example#EXT#@sandberg.onmicrosoft.com",
    }
    assert data["id"] != guest["id"]
    assert data["status"] == "PendingAcceptance"
    assert data["inviteRedirectUrl"] == "https://passport.example/"
    assert data["inviteRedeemUrl"].startswith(f"{sandbox.url}/redeem?rd=https%3A%2F%2Finvitations.microsoft.com")
    assert data["invitedUserMessageInfo"] == {
        "messageLanguage": "en-GB",
        "customizedMessageBody": None,
        "ccRecipients": [{"emailAddress": {"name": None, "address": None}}],
    }
    assert (guest["userType"], guest["creationType"], guest["externalUserState"]) == (
        "Guest",
        "Invitation",
        "PendingAcceptance",
    )


def test_inviting_again_gives_the_same_guest_and_another_mail(sandbox, app):
    first, second = app.invite("chen@agency.example").json(), app.invite("CHEN@agency.example").json()

    assert first["invitedUser"]["id"] == second["invitedUser"]["id"]
    assert first["id"] != second["id"]
    assert first["inviteRedeemUrl"] != second["inviteRedeemUrl"]
    assert len(sandbox.mails("chen@agency.example")) == 2


def test_accepted_guest_gets_no_mail(sandbox, app, person):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()

    again = app.invite("chen@agency.example")

    assert (again.status_code, again.json()["invitedUser"]["id"]) == (201, oid)
    assert len(sandbox.mails("chen@agency.example")) == 1


def test_mail_is_sent_only_when_asked_for(sandbox, app):
    app.invite("chen@agency.example", sendInvitationMessage=False)
    app.graph(
        "POST",
        "/invitations",
        {"invitedUserEmailAddress": "dora@mail.example", "inviteRedirectUrl": app.welcome},
    )

    assert sandbox.mails() == []


def test_alias_of_an_accepted_guest_is_the_same_guest(sandbox, app, person):
    sandbox.person("chen@agency.example", aliases=["chen.li@agency.example"])
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()

    answer = app.invite("chen.li@agency.example").json()

    assert answer["invitedUser"]["id"] == oid
    assert sandbox.guests()[0]["mail"] == "chen.li@agency.example"


def test_deleted_guest_invited_again_is_a_new_object(sandbox, app):
    old = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    app.graph("DELETE", f"/users/{old}")

    assert app.invite("chen@agency.example").json()["invitedUser"]["id"] != old


@pytest.mark.parametrize(
    "address",
    [
        "sandbox-ana+work@gmail.com",
        "o'brien,x@mail.example",
        ".ana@mail.example",
        "ana.@mail.example",
        "-ana@mail.example",
        "ana@",
        "@mail.example",
        "ana",
        "ana@mail",
        "a b@mail.example",
        "ana@mail..example",
        "ana!@mail.example",
        "",
        None,
        17,
    ],
)
def test_addresses_that_graph_refuses(sandbox, app, address):
    assert error(app.invite(address)) == (400, "BadRequest")
    assert sandbox.guests() == []


@pytest.mark.parametrize(
    "address", ["o'brien@mail.example", "_ana_@mail.example", "a-n.a@x-y.example", "jürgen@büro.example"]
)
def test_addresses_that_graph_takes(app, address):
    assert app.invite(address).status_code == 201


@pytest.mark.parametrize("url", [None, "", "/relative", "javascript:alert(1)", "https://x.example/\r\nX: y"])
def test_redirect_url_must_be_absolute(app, url):
    assert error(app.invite("chen@agency.example", inviteRedirectUrl=url)) == (400, "BadRequest")


def test_unknown_property_is_refused(app):
    assert error(app.invite("chen@agency.example", invitedUserPhone="1")) == (400, "BadRequest")


def test_members_cannot_be_invited(sandbox, app):
    answer = app.invite("vera.vm@sandberg.example")
    unknown = app.invite("nobody@sandberg.example")

    assert error(answer) == (400, "BadRequest")
    assert "already exists in the directory as object ID" in answer.json()["error"]["message"]
    assert "can't be invited to this directory" in unknown.json()["error"]["message"]


@pytest.mark.parametrize(
    ("policy", "status", "code"),
    [
        ({"allow_invites_from": "none"}, 403, "Forbidden"),
        (
            {"allow_invites_from": "adminsAndGuestInviters", "permissions": ["User.ReadWrite.All"]},
            403,
            "Forbidden",
        ),
        ({"permissions": ["User.Read.All"]}, 403, "Authorization_RequestDenied"),
        ({"denied_domains": ["agency.example"]}, 400, "BadRequest"),
        ({"allowed_domains": ["gmail.com"]}, 400, "BadRequest"),
    ],
)
def test_tenant_policy_refuses(sandbox, app, policy, status, code):
    sandbox.settings(**policy)

    assert error(app.invite("chen@agency.example")) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/users", "User.Read.All"),
        ("DELETE", "/users/{oid}", "User.ReadWrite.All"),
        ("PATCH", "/users/{oid}", "User.ReadWrite.All"),
        ("GET", "/auditLogs/signIns", "AuditLog.Read.All"),
    ],
)
def test_each_operation_needs_its_permission(sandbox, app, method, path, needed):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    sandbox.settings(permissions=["User.Invite.All"])
    refused = app.graph(method, path.format(oid=oid), {} if method == "PATCH" else None)
    sandbox.settings(permissions=[needed])
    allowed = app.graph(method, path.format(oid=oid), {} if method == "PATCH" else None)

    assert error(refused) == (403, "Authorization_RequestDenied")
    assert allowed.ok


def test_token_is_required_and_expires(sandbox, app):
    bare = requests.get(f"{sandbox.url}/v1.0/users", timeout=10)
    app.graph("GET", "/users")
    sandbox.settings(clock_offset=3700)
    expired = app.graph("GET", "/users")
    sandbox.settings(clock_offset=0)
    sandbox.expire_app_tokens()
    revoked = app.graph("GET", "/users")

    assert [error(answer) for answer in (bare, expired, revoked)] == [(401, "InvalidAuthenticationToken")] * 3


def test_invitations_are_throttled(sandbox, app):
    sandbox.settings(invitations_per_window=3, window_seconds=1)
    answers = [app.invite(f"v{number}@mail.example") for number in range(5)]
    limited = answers[-1]
    wait = float(limited.headers["Retry-After"])
    time.sleep(wait + 0.05)

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert error(limited) == (429, "TooManyRequests")
    assert 0 < wait <= 1
    assert app.invite("later@mail.example").status_code == 201


@pytest.mark.parametrize(
    "expression",
    [
        "mail eq 'CHEN@agency.example'",
        "otherMails/any(a:a eq 'chen.other@agency.example')",
        "proxyAddresses/any(a:a eq 'smtp:chen.other@agency.example')",
        "mail eq 'x@y.example' or proxyAddresses/any(x:x eq 'SMTP:chen@agency.example')",
        "userType eq 'Guest' and externalUserState eq 'PendingAcceptance' and startswith(mail,'chen')",
        "not(userType eq 'Member') and mail in ('chen@agency.example','z@z.example')",
        "accountEnabled eq true and mail ne 'o''brien@mail.example' and (userType eq 'Guest')",
        "createdDateTime ge 2020-01-01T00:00:00Z and userType eq 'Guest' and mail ne 'o''brien@mail.example'",
    ],
)
def test_users_filter(app, expression):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    app.invite("o'brien@mail.example")
    app.graph("PATCH", f"/users/{oid}", {"otherMails": ["chen.other@agency.example"]})

    answer = app.graph("GET", "/users", **{"$filter": expression, "$select": "id,mail"})

    assert answer.json()["value"] == [{"id": oid, "mail": "chen@agency.example"}]


@pytest.mark.parametrize("expression", ["mail eq", "mail like 'x'", "mail eq 'x", "(mail eq 'x'", "§"])
def test_unreadable_filter_is_refused(app, expression):
    assert error(app.graph("GET", "/users", **{"$filter": expression})) == (400, "BadRequest")


def test_users_come_in_pages(app):
    for number in range(5):
        app.invite(f"v{number}@mail.example")
    seen, pages = [], 0
    url = "/users?$filter=userType eq 'Guest'&$top=2&$select=mail"
    while url:
        data = app.graph("GET", url).json()
        seen += [user["mail"] for user in data["value"]]
        url, pages = data.get("@odata.nextLink"), pages + 1

    assert seen == [f"v{number}@mail.example" for number in range(5)]
    assert pages == 3


def test_user_shows_default_properties_unless_selected(app):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    plain = app.graph("GET", f"/users/{oid}").json()
    selected = app.graph("GET", f"/users/{oid}", **{"$select": "externalUserState,roles"}).json()

    assert set(plain) == {
        *("@odata.context", "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail"),
        *("mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName"),
    }
    assert selected["externalUserState"] == "PendingAcceptance"
    assert "roles" not in selected, "what the sandbox keeps for itself is not Graph's"


def test_identities_gain_the_provider_on_acceptance(app, person):
    oid = app.invite("sandbox-ana@gmail.com").json()["invitedUser"]["id"]
    person("sandbox-ana@gmail.com").accept_invitation()

    user = app.graph("GET", f"/users/{oid}", **{"$select": "identities,displayName"}).json()

    assert [identity["issuer"] for identity in user["identities"]] == ["sandberg.onmicrosoft.com", "google.com"]
    assert user["displayName"] == "Ana Almeida", "Entra takes the name from the home account"


def test_missing_user_is_404(app):
    assert error(app.graph("GET", "/users/00000000-0000-0000-0000-000000000001")) == (404, "Request_ResourceNotFound")
    assert error(app.graph("GET", "/nothing/here")) == (400, "BadRequest")


def test_new_guest_may_take_a_while_to_appear(sandbox, app):
    sandbox.settings(replication_seconds=60)
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]

    early = app.graph("GET", f"/users/{oid}")
    sandbox.settings(clock_offset=61)
    late = app.graph("GET", f"/users/{oid}")

    assert (early.status_code, late.status_code) == (404, 200)


def test_delete_and_restore(sandbox, app):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]

    assert app.graph("DELETE", f"/users/{oid}").status_code == 204
    assert app.graph("DELETE", f"/users/{oid}").status_code == 404
    listed = app.graph("GET", "/directory/deletedItems/microsoft.graph.user").json()["value"]
    assert [user["id"] for user in listed] == [oid]
    assert app.graph("POST", f"/directory/deletedItems/{oid}/restore").json()["id"] == oid
    assert app.graph("GET", f"/users/{oid}").status_code == 200


def test_revoking_sessions_does_nothing_for_guests(app, person):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    vendor = person("chen@agency.example")
    vendor.accept_invitation()

    assert app.graph("POST", f"/users/{oid}/revokeSignInSessions").json()["value"] is True
    assert "code" in vendor.go(app.authorize_url(prompt="none")).query


def test_reset_redemption_needs_the_address_on_the_object(sandbox, app, person):
    oid = app.invite("chen@agency.example").json()["invitedUser"]["id"]
    person("chen@agency.example").accept_invitation()
    reset = {"resetRedemption": True, "invitedUser": {"id": oid}}

    assert error(app.invite("dora@mail.example", **reset)) == (400, "BadRequest")
    app.graph("PATCH", f"/users/{oid}", {"mail": "dora@mail.example", "otherMails": ["dora@mail.example"]})
    answer = app.invite("dora@mail.example", **reset)

    assert answer.json()["invitedUser"]["id"] == oid
    assert app.claims_of(person("dora@mail.example"))["oid"] == oid
    assert app.sign_in(person("chen@agency.example")).aadsts == 50020


def test_sign_in_log_has_what_stayed_with_microsoft(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    app.sign_in(person("sandbox-stranger@gmail.com"))
    app.sign_in(person("sandbox-ana@gmail.com"))
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


def test_reports_can_be_throttled(sandbox, app):
    sandbox.settings(reports_per_10_seconds=1)

    statuses = [app.graph("GET", "/auditLogs/signIns").status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_directory_audit_tells_of_invitation_and_redemption(app, person):
    app.invite("sandbox-ana@gmail.com")
    person("sandbox-ana@gmail.com").accept_invitation()

    query = {"$filter": "activityDisplayName eq 'Redeem external user invite'"}
    entries = app.graph("GET", "/auditLogs/directoryAudits", **query).json()["value"]

    assert len(entries) == 1


def test_batch(app):
    body = {
        "requests": [
            {"id": "1", "method": "GET", "url": "/users?$top=1"},
            {"id": "2", "method": "GET", "url": "/users/nobody"},
            {"id": "3", "method": "GET", "url": "/users", "dependsOn": ["2"]},
        ]
    }

    answers = {part["id"]: part["status"] for part in app.graph("POST", "/$batch", body).json()["responses"]}
    too_many = app.graph("POST", "/$batch", {"requests": [body["requests"][0]] * 21})

    assert answers == {"1": 200, "2": 404, "3": 424}
    assert error(too_many) == (400, "BadRequest")


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
