import pytest

from ..application import graph_error


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
    assert graph_error(app.graph("GET", "/users", **{"$filter": expression})) == (400, "BadRequest")


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
    assert graph_error(app.graph("GET", "/users/00000000-0000-0000-0000-000000000001")) == (
        404,
        "Request_ResourceNotFound",
    )
    assert graph_error(app.graph("GET", "/nothing/here")) == (400, "BadRequest")


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
