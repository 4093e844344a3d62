"""Browsers inside apps: told to open the page elsewhere, before and after, and never stopped."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from identity import in_app_browsers
from identity.failures import mail_to_vm, silence
from identity.invitations import links
from identity.models import Failure, Invitation, SignInAttempt
from tests.factories import create_vendor

DORA = "dora@mail.example"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
CHROME = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = {
    "Instagram": f"{IPHONE} Mobile/22F76 Instagram 390.0.0.28.85 (iPhone15,2; iOS 18_5; en_GB)",
    "Facebook": f"{ANDROID} Chrome/138.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/520.0.0.42.96;]",
    "Messenger": f"{ANDROID} Chrome/138.0 Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/515.0.0.0;]",
    "LinkedIn": f"{IPHONE} Mobile/22F76 [LinkedInApp]/9.31.4219",
    "WeChat": f"{ANDROID} Chrome/130.0 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.60",
    "LINE": f"{IPHONE} Mobile/22F76 Safari Line/15.9.0",
    "TikTok": f"{IPHONE} Mobile/22F76 musical_ly_39.8.0 JsSdk/2.0 BytedanceWebview/d8a21c6",
    "Google": f"{IPHONE} GSA/377.0.7 Mobile/15E148 Safari/604.1",
    "Baidu": f"{IPHONE} Mobile/15E148 Safari/604.1 SP-engine/3.4.0 baiduboxapp/15.20.0.10",
    "QQ": f"{ANDROID} Chrome/126.0 Mobile Safari/537.36 V1_AND_SQ_9.1.75 QQ/9.1.75.21445 NetType/WIFI",
    "Alipay": f"{IPHONE} Mobile/22F76 NebulaSDK/1.8 Nebula AliApp(AP/10.7.30) AlipayClient/10.7.30",
    "Weibo": f"{IPHONE} Mobile/22F76 Weibo (iPhone15,2__weibo__15.7.0__iphone__os18.5)",
    "VK": f"{ANDROID} Chrome/138.0 Mobile Safari/537.36 VKAndroidApp/8.130-25001",
    "Teams": f"{MAC} Teams/25153.1010.3727.5483 Chrome/128.0 Electron/32.2.0 Safari/537.36",
    "Slack": f"{MAC} Chrome/138.0 Electron/37.2.0 Safari/537.36 Slack_SSB/4.45.60",
    "Discord": f"{ANDROID} Chrome/138.0 Mobile Safari/537.36 Discord-Android/286200",
    "an app": f"{ANDROID} Chrome/138.0 Mobile Safari/537.36",
}
UNNAMED = [AGENTS["an app"], IPHONE, MAC, f"{MAC} Notes/1.0 Chrome/138.0 Electron/37.2.0 Safari/537.36"]
OTHERS = [
    "",
    f"{MAC} Version/18.5 Safari/605.1.15",
    f"{MAC} Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
    CHROME,
    f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1",
    f"{IPHONE} CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Edg/138.0",
]


@pytest.fixture
def invitation(db) -> Invitation:
    vendor = create_vendor(state="invited", primary_email=DORA)
    return Invitation.objects.get(user=vendor.user)


def link_to_open(text: str) -> str:
    found = re.search(r'id="link-to-open" value="([^"]*)" readonly', text)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("agent", UNNAMED)
def test_an_app_that_does_not_say_its_name_is_one(rf, agent):
    assert in_app_browsers.app(rf.get("/", HTTP_USER_AGENT=agent)) == "an app"


@pytest.mark.parametrize("name", AGENTS)
def test_apps_are_known_by_what_they_call_themselves(rf, name):
    assert in_app_browsers.app(rf.get("/", HTTP_USER_AGENT=AGENTS[name])) == name


def test_iphone_app_that_does_not_say_its_name(rf):
    assert in_app_browsers.app(rf.get("/", HTTP_USER_AGENT=f"{IPHONE} Mobile/22F76")) == "an app"


@pytest.mark.parametrize("agent", OTHERS)
def test_browsers_that_stand_alone_are_left_alone(rf, agent):
    assert in_app_browsers.app(rf.get("/", HTTP_USER_AGENT=agent)) == ""


def test_link_to_copy_comes_before_microsoft_and_nobody_is_stopped(invitation, settings):
    inside = Client(headers={"User-Agent": AGENTS["Instagram"]})
    token = links.token(invitation)

    page = inside.get(f"/welcome/{token}/").text
    assert link_to_open(page) == f"{settings.BASE_URL}/welcome/{token}/"
    assert "inside Instagram" in " ".join(page.split())
    assert 'id="signin"' in page
    assert link_to_open(inside.get("/sign-in/?next=/profile/").text) == f"{settings.BASE_URL}/sign-in/?next=/profile/"
    assert not link_to_open(Client(headers={"User-Agent": CHROME}).get(f"/welcome/{token}/").text)

    begun = inside.post("/auth/login/entra/", {"invitation": token})
    assert begun.status_code == 302
    assert begun["Location"].startswith(settings.ENTRA_AUTHORITY)


def test_refusal_is_told_with_the_link_and_vendor_management_reads_of_the_app(invitation, settings):
    inside = Client(headers={"User-Agent": AGENTS["LinkedIn"]})
    begun = inside.post("/auth/login/entra/", {"invitation": links.token(invitation)})
    state = re.search(r"state=([^&]+)", begun["Location"])[1]

    problem = inside.get(f"/auth/complete/entra/?error=disallowed_useragent&state={state}", follow=True)
    assert link_to_open(problem.text) == f"{settings.BASE_URL}/sign-in/"
    failure = Failure.objects.get()
    assert (failure.reason, failure.detail["in_app"]) == ("in_app_browser", "LinkedIn")
    # Whatever this browser calls itself, it has been refused for being inside an app.
    assert link_to_open(Client().get(problem.request["PATH_INFO"]).text)


def test_google_keeps_its_refusal_and_the_silence_says_what_it_may_be(invitation, settings, mailoutbox):
    Client(headers={"User-Agent": AGENTS["Facebook"]}).post(
        "/auth/login/entra/", {"invitation": links.token(invitation)}
    )
    SignInAttempt.objects.update(started_at=timezone.now() - settings.SIGN_IN_SILENCE * 2)
    silence.settle()

    failure = Failure.objects.get()
    assert (failure.reason, failure.detail["in_app"]) == ("did_not_come_back", "Facebook")
    mail_to_vm.tell(failure.pk)
    [message] = mailoutbox
    assert "tried to sign in inside Facebook" in message.body


def test_gmail_inside_an_app_from_the_welcome_page_to_the_case(passport):
    """Over HTTP: Google's page refuses, nothing comes back, and in a browser of its own it works at once."""
    ana = passport.person("sandbox-ana@gmail.com")
    passport.invited(ana.address)
    ana.browser.headers["User-Agent"] = AGENTS["Instagram"]
    welcome = links.welcome_url(Invitation.objects.get())
    ana.go(welcome)
    assert link_to_open(ana.page.html) == welcome
    ana.submit("signin")
    ana.authenticate()
    assert "disallowed_useragent" in ana.page.text

    SignInAttempt.objects.update(started_at=timezone.now() - dt.timedelta(hours=2))
    passport.work()
    [message] = passport.vm_mail(kind="failure")
    assert "inside Instagram" in message["text"]

    ana.new_browser()
    ana.go(link_to_open(Client(headers={"User-Agent": AGENTS["Instagram"]}).get(urlsplit(welcome).path).text))
    ana.submit("signin")
    ana.authenticate()
    assert ana.page.path == "/stay-signed-in/", ana.page
    assert not Failure.objects.open().exists()
