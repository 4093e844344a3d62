"""One of the two that are compared, in a process of its own, told over a pipe how often to sign in.

"stock" is the yardstick: plain Django with social-auth's own OpenID Connect backend, pipeline, views and tables, in a
database of its own. "passport" is Passport in the database of the test.

    {"times": 10}  →  {"page": 0.002, "start": …}                 CPU seconds of each step of a sign-in
    {"times": 0}   →  {"sql": {"page": […], …}, "calls": […]}     what one costs
                      "megabytes" are those that the process holds by then

Both keep their connection to the database, as servers do; the yardstick does so without asking first whether it is
still there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import requests
from social_core.backends.open_id_connect import OpenIdConnectAuth

# As small as a page can be that has a form, and one that names who is signed in.
TEMPLATES = {
    "sign_in.html": """<!doctype html><title>Sign in</title>
<form method="post" action="{% url 'social:begin' 'entra' %}">{% csrf_token %}
<input type="hidden" name="next" value="/"><button>Sign in</button></form>""",
    "home.html": """<!doctype html><title>Home</title><p>Signed in as {{ user.email }}</p>""",
}


class StockOpenIdConnect(OpenIdConnectAuth):
    """Only named like ours, for the redirect URI that the tenant knows."""

    name = "entra"


def become_stock(*, tenant: str) -> None:
    from django.conf import settings  # noqa: PLC0415

    from tests.settings import DATABASES, ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET, ENTRA_TENANT_ID  # noqa: PLC0415

    kept = DATABASES["default"] | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": False}
    settings.configure(
        SECRET_KEY="only-for-the-yardstick-6b0a3c9e5f7d41e2",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.benchmarks.stock_urls",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [("django.template.loaders.locmem.Loader", TEMPLATES)],
                        )
                    ],
                },
            }
        ],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": kept | {"TEST": {"NAME": f"test_stock_{os.getpid()}"}}},
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
        LOGIN_URL="sign-in",
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
    settings.DATABASES["default"] |= {"NAME": database, "CONN_MAX_AGE": 600}


def serve(questions: TextIO, answers: TextIO, *, base_url: str, browser: requests.Session) -> None:
    from tests.benchmarks.browsing import STEPS, Site, costs_of_a_sign_in, sign_in  # noqa: PLC0415  needs Django

    site = Site(base_url)
    for line in questions:
        times = json.loads(line)["times"]
        if times:
            trips = [sign_in(site, browser).copy() for _time in range(times)]
            answer: dict[str, Any] = {step: sum(trip[step] for trip in trips) / times for step in STEPS}
        else:
            sql, calls = costs_of_a_sign_in(site, browser)
            answer = {"sql": sql, "calls": calls, "megabytes": megabytes()}
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


def megabytes() -> float:
    """Of memory that this process holds; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


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
    if given["which"] == "passport":
        serve(sys.stdin, sys.stdout, base_url=given["base_url"], browser=browser)
        return
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        serve(sys.stdin, sys.stdout, base_url=given["base_url"], browser=browser)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
