"""What Entra says about an error, as far as it can be kept: never its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
AT_MOST = 10
IN_APP_REFUSED = "disallowed_useragent"  # Google's answer to anyone who signs in inside an app
_AADSTS = re.compile(r"\bAADSTS(\d{4,8})\b")
_CORRELATION = re.compile(rf"Correlation ID: ({GUID.pattern})")
_ERROR_PAGE = re.compile(r"/error\?code=(\d{4,8})$")


def aadsts_numbers(text: str) -> list[str]:
    """Every AADSTS number that the text names, once each."""
    return list(dict.fromkeys(_AADSTS.findall(text)))[:AT_MOST]


def diagnostics(data: Mapping[str, Any]) -> dict[str, Any]:
    """AADSTS numbers and correlation id, which Microsoft's support asks for. Labels: nothing branches on them."""
    text = str(data.get("error_description") or "")
    labels: dict[str, Any] = {}
    if numbers := _numbers(data, text):
        labels["aadsts"], labels["codes"] = numbers[0], numbers
    correlation = data.get("correlation_id")
    if isinstance(correlation, str) and GUID.fullmatch(correlation):
        labels["correlation_id"] = correlation
    elif match := _CORRELATION.search(text):
        labels["correlation_id"] = match[1]
    if data.get("error_subcode") == "cancel":
        labels["cancelled"] = True
    if IN_APP_REFUSED in f"{data.get('error')} {text}":
        labels["in_app"] = True
    return labels


def _numbers(data: Mapping[str, Any], text: str) -> list[str]:
    codes = data.get("error_codes")
    listed = [str(code) for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    page = _ERROR_PAGE.findall(str(data.get("error_uri") or ""))
    return list(dict.fromkeys([*aadsts_numbers(text), *listed, *page]))[:AT_MOST]
