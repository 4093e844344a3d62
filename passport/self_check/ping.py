"""Telling a service elsewhere that all is well, so that it raises an alarm when it hears nothing."""

from __future__ import annotations

import logging

import requests
from django.conf import settings

from identity import outbound
from identity.microsoft import http

log = logging.getLogger(__name__)


def all_is_well() -> bool:
    """Not for a copy on hold: it would keep up the pretence that the real one is well. False if it did not get there.

    Nothing is said when there is a problem, because services differ in how they want to hear it, and all of them
    understand silence.
    """
    if not settings.HEARTBEAT_URL or outbound.is_held():
        return False
    try:
        answer = http.call("GET", settings.HEARTBEAT_URL)
    except requests.RequestException as error:
        log.warning("HEARTBEAT_URL could not be reached: %s", type(error).__name__)  # its path is a secret
        return False
    if not 200 <= answer.status_code < 300:
        log.warning("HEARTBEAT_URL responded with %s", answer.status_code)
        return False
    return True
