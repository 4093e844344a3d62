"""`manage.py check --deploy`: what a machine must have besides the right settings, each with a hint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from identity.mail import dialogue
from passport import files


@register(Tags.security, deploy=True)
def check_https(**kwargs: Any) -> Iterable[CheckMessage]:
    if not settings.HTTPS:
        yield Warning(
            "BASE_URL uses plain http, so cookies are not Secure.",
            hint="This is fine on your own machine. In production, use https.",
            id="passport.W003",
        )
    elif not settings.TRUSTED_PROXY:
        yield Warning(
            "BASE_URL uses https, but TRUSTED_PROXY is off.",
            hint="Set TRUSTED_PROXY=on if TLS ends at a proxy in front of Passport. Otherwise pages redirect for ever.",
            id="passport.W010",
        )


@register(Tags.files, deploy=True)
def check_folder(**kwargs: Any) -> Iterable[CheckMessage]:
    if problem := files.problem():
        yield Error(
            problem,
            hint="Mount the volume, or create the folder for the user that Passport runs as. "
            "Until then, no one can upload documents and /readyz returns 503.",
            id="passport.E025",
        )


@register(Tags.security, deploy=True)
def check_env_file(**kwargs: Any) -> Iterable[CheckMessage]:
    path = settings.BASE_DIR / ".env"
    if path.is_file() and path.stat().st_mode & 0o007:
        yield Error(
            "Other users of this machine can read or change .env, which holds every key and password.",
            hint="Run chmod o-rwx .env. Only the user or group that Passport runs as should be able to read it.",
            id="passport.E026",
        )


@register(deploy=True)
def check_mail_server(**kwargs: Any) -> Iterable[CheckMessage]:
    try:
        problem = dialogue.problem()
    except dialogue.NoMailServer:
        yield Info(
            "EMAIL_URL does not name a mail server, so no email is sent.",
            hint="Write it like smtp+tls://user:password@mail.example.com:587.",
            id="passport.I002",
        )
        return
    if problem:
        yield Warning(
            problem,
            hint="Check EMAIL_URL, and that this machine can connect to the mail server.",
            id="passport.W011",
        )
