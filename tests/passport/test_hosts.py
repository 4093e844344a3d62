"""Other names of this machine lead to BASE_URL; names that are not Passport's get a page that says so."""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from passport.loopback import is_loopback, is_loopback_name

BASE_URL = "http://127.0.0.1:8000"
EVIL = "evil.example"


@pytest.fixture(autouse=True)
def as_after_a_first_run(settings):
    settings.BASE_URL = BASE_URL
    settings.ALLOWED_HOSTS = ["127.0.0.1"]


def ask(host: str, path: str = "/", *, method: str = "get", **options):
    return getattr(Client(), method)(path, headers={"host": host}, **options)


@pytest.mark.parametrize(
    "host",
    ["localhost:8000", "localhost", "LOCALHOST.:8000", "passport.localhost:8000", "127.8.9.10:8000", "[::1]:8000"],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_every_name_of_this_machine_leads_to_base_url(host, method):
    response = ask(host, "/help/signing-in/?a=b%20c&d=%2F", method=method)

    assert (response.status_code, response["Location"]) == (302, f"{BASE_URL}/help/signing-in/?a=b%20c&d=%2F")
    see_security_headers(response)


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/@evil.example/"])
def test_a_path_leads_nowhere_but_to_base_url(path):
    response = Client().generic("GET", path, headers={"host": "localhost"})

    assert response["Location"].startswith(f"{BASE_URL}/")


@pytest.mark.parametrize(
    "host",
    [
        EVIL,
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "10.0.0.1",
        "[::2]",
        "not a host",
        "@",
        "",
    ],
)
def test_another_name_gets_a_page_that_names_nothing_of_it(host):
    response = ask(host, "/evil-path/?evil=query")

    page = response.content.decode()
    assert response.status_code == 400
    assert "<h1>Passport isn't at this address</h1>" in page
    assert f'href="{BASE_URL}/"' in page
    assert "evil" not in page
    assert not host or host not in page
    see_security_headers(response)


def see_security_headers(response) -> None:
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_a_form_is_not_sent_on_from_another_name():
    assert ask("localhost:8000", "/sign-out/", method="post").status_code == 400


def test_in_production_a_loopback_name_is_a_stranger_like_any_other(settings):
    settings.BASE_URL = "https://passport.example.com"
    settings.ALLOWED_HOSTS = ["passport.example.com"]

    response = ask("localhost", secure=True)

    assert response.status_code == 400
    assert 'href="https://passport.example.com/"' in response.content.decode()


def test_unknown_name_over_plain_http_is_refused_before_it_is_redirected_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True

    response = ask(EVIL)

    assert response.status_code == 400
    see_security_headers(response)


def test_base_url_that_is_not_an_allowed_host_does_not_lead_to_itself(settings):
    settings.ALLOWED_HOSTS = ["passport.example.com"]

    assert ask("127.0.0.1:8000").status_code == 400


def test_allowed_name_is_answered_where_it_is(settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

    assert ask("localhost:8000", "/help/signing-in/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_may_use_any_name(path):
    assert ask(EVIL, path).status_code == 200


@pytest.mark.parametrize("https", [False, True])
@pytest.mark.parametrize("path", ["/", "/sign-in/", "/static/missing.css", "/static/passport/passport.css"])
def test_an_unknown_name_is_one_line_in_the_log_without_a_traceback(settings, caplog, path, https):
    settings.SECURE_SSL_REDIRECT = https

    response = ask(EVIL, path)

    is_there = path.endswith("passport.css")
    assert response.status_code == (200 if is_there else 400)
    records = [record for record in caplog.records if record.getMessage() != "request"]  # which each request has
    said = [(record.levelname, record.exc_info, record.getMessage()) for record in records]
    line = "Unknown Host: 'evil.example'. If it is Passport's, add it to ALLOWED_HOSTS."
    assert said == ([] if is_there else [("WARNING", None, line)])


def test_the_page_of_an_unknown_name_has_its_style_sheet():
    assert ask(EVIL, f"{django_settings.STATIC_URL}passport/passport.css").status_code == 200


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.2", "http://[::1]:8000"])
def test_plain_http_may_go_to_this_machine(url):
    assert is_loopback(url)


def test_plain_http_does_not_go_to_a_name_that_dns_may_send_elsewhere():
    assert not is_loopback("http://passport.localhost:8000")
    assert is_loopback_name("passport.localhost")
