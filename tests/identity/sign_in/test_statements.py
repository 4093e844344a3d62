"""How many SQL statements a returning sign-in costs (BEGIN and COMMIT not counted)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(CONTROL)]


def test_returning_sign_in_takes_at_most_nine_statements_and_one_call(passport, client):
    passport.invited("dora@mail.example")
    person = passport.signed_in("dora@mail.example")
    passport.signed_in("dora@mail.example")  # warms the signing keys

    with CaptureQueriesContext(connection) as begun:
        response = client.post("/auth/login/entra/", {"next": "", "invitation": ""})
    # The tenant knows this browser, so it answers at once.
    answer = person.browser.get(response["Location"], allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/auth/complete/entra/"
    passport.tenant.fault("keys", status=500, count=None)
    with CaptureQueriesContext(connection) as finished:
        response = client.get(f"{back.path}?{back.query}")
    passport.tenant.clear_faults()

    assert response["Location"].startswith("/stay-signed-in/"), response["Location"]
    counted = statements(begun) + statements(finished)
    assert len(counted) <= 9, "\n".join(counted)
