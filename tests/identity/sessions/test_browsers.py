import pytest
from django.test import RequestFactory

from identity.sessions import browsers

WINDOWS, MAC, ANDROID = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "Linux; Android 15; SM-S921B",
)
IPAD, IPHONE = "iPad; CPU OS 18_5 like Mac OS X", "iPhone; CPU iPhone OS 18_5 like Mac OS X"


@pytest.mark.parametrize(
    ("system", "browser", "words"),
    [
        (WINDOWS, "Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0", "Edge on Windows"),
        (MAC, "Chrome/139.0.0.0 Safari/537.36", "Chrome on Mac"),
        ("X11; Linux x86_64; rv:142.0", "Firefox/142.0", "Firefox on Linux"),
        (ANDROID, "SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (IPAD, "Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPad"),
        (IPHONE, "Mobile/15E148 Instagram 390.0", "Instagram on iPhone"),
        ("Nokia", "Nothing/1", ""),
        ("<script>" * 999, "", ""),
    ],
)
def test_browser_in_words(system, browser, words):
    agent = f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {browser}"

    assert browsers.in_words(RequestFactory().get("/", headers={"User-Agent": agent})) == words
