import pytest

from passport.loopback import host_of

HERE = "this machine (loopback)"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8000", HERE),
        ("http://localhost:8432", HERE),
        ("http://[::1]:8000", HERE),
        ("http://passport.localhost", HERE),
        ("https://passport.example.com", "passport.example.com"),
        ("https://Passport.Example.com:443", "passport.example.com"),
        ("https://passport.example.com:8443", "passport.example.com:8443"),
    ],
)
def test_host_that_names_an_installation(url, host):
    assert host_of(url) == host
