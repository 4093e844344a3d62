"""One of the two that are compared, in a process of its own, told over a pipe how often to sign in.

"stock" is the yardstick: plain Django with social-auth's own OpenID Connect backend, pipeline, views and tables, in a
database of its own. "passport" is Passport in the database of the test.

    {"times": 10}  →  {"cpu": 0.0195}                    CPU seconds for each sign-in
    {"times": 0}   →  {"sql": [...], "calls": [...]}     what one costs
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO
from urllib.parse import urlsplit

import requests
from social_core.backends.open_id_connect import OpenIdConnectAuth


class StockOpenIdConnect(OpenIdConnectAuth):
    """Only named like ours, for the redirect address that the tenant knows."""

    name = "entra"


def become_stock(*, tenant: str) -> None:
    from django.conf import settings  # noqa: PLC0415

    from tests.settings import DATABASES, ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET, ENTRA_TENANT_ID  # noqa: PLC0415

    settings.configure(
        SECRET_KEY="only-for-the-yardstick-6b0a3c9e5f7d41e2",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.benchmarks.stock_urls",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": DATABASES["default"] | {"TEST": {"NAME": f"test_stock_{os.getpid()}"}}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "social_django",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "social_django.middleware.SocialAuthExceptionMiddleware",
        ],
        AUTHENTICATION_BACKENDS=["tests.benchmarks.sign_in_alone.StockOpenIdConnect"],
        LOGIN_REDIRECT_URL="/",
        SOCIAL_AUTH_ENTRA_OIDC_ENDPOINT=f"{tenant}/{ENTRA_TENANT_ID}/v2.0",
        SOCIAL_AUTH_ENTRA_KEY=ENTRA_CLIENT_ID,
        SOCIAL_AUTH_ENTRA_SECRET=ENTRA_CLIENT_SECRET,
    )


def become_passport(*, tenant: str, base_url: str, database: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings  # noqa: PLC0415

    settings.BASE_URL = base_url
    settings.CSRF_TRUSTED_ORIGINS = [base_url]
    settings.ENTRA_AUTHORITY = settings.GRAPH_URL = tenant
    settings.DATABASES["default"]["NAME"] = database


def serve(questions: TextIO, answers: TextIO, *, host: str, browser: requests.Session) -> None:
    from tests.benchmarks.browsing import costs_of_a_sign_in, sign_in  # noqa: PLC0415  needs Django

    for line in questions:
        times = json.loads(line)["times"]
        if times:
            answer: dict[str, Any] = {"cpu": sum(sign_in(browser, host) for _time in range(times)) / times}
        else:
            sql, calls = costs_of_a_sign_in(browser, host)
            answer = {"sql": sql, "calls": calls}
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


def main() -> None:
    given = json.loads(sys.argv[1])
    if given["which"] == "stock":
        become_stock(tenant=given["tenant"])
    else:
        become_passport(tenant=given["tenant"], base_url=given["base_url"], database=given["database"])
    import django  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    django.setup()
    browser = requests.Session()
    browser.trust_env = False
    browser.cookies.update(given["cookies"])
    host = urlsplit(given["base_url"]).netloc
    if given["which"] == "passport":
        serve(sys.stdin, sys.stdout, host=host, browser=browser)
        return
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        serve(sys.stdin, sys.stdout, host=host, browser=browser)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
