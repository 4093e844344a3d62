"""Browsers inside apps: Google refuses to sign anyone in there, and others may.

Known by what they call themselves. That may be wrong, so they are advised and never stopped.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

_APPS = (
    ("Instagram", "Instagram"),
    ("Messenger", r"Orca-Android|FBAN/Messenger|MessengerForiOS|MessengerLite"),
    ("Facebook", r"FBAN/|FBAV/|FB_IAB/|FBIOS"),
    ("Threads", "Barcelona "),
    ("LinkedIn", "LinkedInApp"),
    ("WeChat", "MicroMessenger/"),
    ("LINE", r"\bLine/"),
    ("TikTok", r"TikTok|musical_ly|BytedanceWebview|\btrill_"),
    ("X", r"Twitter for |TwitterAndroid"),
    ("Snapchat", "Snapchat"),
    ("Pinterest", r"\[Pinterest/"),
    ("KakaoTalk", "KAKAOTALK"),
    ("Naver", r"NAVER\("),
    ("Telegram", "Telegram-"),
    ("WhatsApp", r"\bWhatsApp/"),
    ("Viber", r"\bViber/"),
    ("Zalo", r"\bZalo "),
    ("VK", r"VKAndroidApp|VK_iOS|com\.vk\."),
    ("Weibo", r"\bWeibo\b|__weibo__"),
    ("QQ", r"\bQQ/"),
    ("Alipay", "AlipayClient"),
    ("DingTalk", "DingTalk"),
    ("Feishu", r"\b(?:Lark|Feishu)/"),
    ("Baidu", "baiduboxapp"),
    ("Xiaohongshu", "xhsdiscover|XiaoHongShu"),
    ("Discord", r"\bDiscord(?:-|/)"),
    ("Reddit", r"\bReddit/"),
    ("Slack", r"\bSlack/|Slack_SSB"),
    ("Teams", r"\bTeams(?:Mobile-|/)"),
    ("Outlook", "Outlook-(?:iOS|Android)"),
    ("Google", r"\bGSA/"),
)
_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _APPS]
# What an app on Android, an iPhone, a Mac or another computer shows pages in, if the app doesn't say its name.
_UNNAMED = re.compile(r"; wv\)|\((?:iPhone|iPad|iPod|Macintosh)[^)]*\) AppleWebKit/(?!.*Safari/)|\bElectron/")


def app(request: HttpRequest) -> str:
    """The app whose own browser this is; empty for a browser that stands alone."""
    agent = request.headers.get("User-Agent", "")[:1000]
    name = _app(agent)
    return _("an app") if name is None else name


@lru_cache(maxsize=256)  # each step of a sign-in asks, and it takes thirty searches
def _app(agent: str) -> str | None:
    """None for an app that doesn't say its name."""
    named = next((name for name, pattern in _PATTERNS if pattern.search(agent)), "")
    return named or (None if _UNNAMED.search(agent) else "")


def advice(request: HttpRequest, *, path: str = "", refused: bool = False) -> dict[str, str]:
    """For `identity/_in_app.html`: the app, and the link to open elsewhere. `refused`: it has been refused already."""
    name = app(request) or (_("an app") if refused else "")
    if not name:
        return {}
    return {"in_app": name, "link_to_open": f"{settings.BASE_URL}{path or reverse('identity:sign-in')}"}
