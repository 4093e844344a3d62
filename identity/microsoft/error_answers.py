"""What Entra says about an error, as far as it can be kept: never its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_AADSTS = re.compile(r"\bAADSTS(\d{4,8})\b")
_CORRELATION = re.compile(rf"Correlation ID: ({GUID.pattern})")


def diagnostics(data: Mapping[str, Any]) -> dict[str, str]:
    """AADSTS number and correlation id, which Microsoft's support asks for. Labels: nothing branches on them."""
    text = str(data.get("error_description") or "")
    labels: dict[str, str] = {}
    codes = data.get("error_codes")
    if match := _AADSTS.search(text):
        labels["aadsts"] = match[1]
    elif isinstance(codes, list) and codes and isinstance(codes[0], int):
        labels["aadsts"] = str(codes[0])
    correlation = data.get("correlation_id")
    if isinstance(correlation, str) and GUID.fullmatch(correlation):
        labels["correlation_id"] = correlation
    elif match := _CORRELATION.search(text):
        labels["correlation_id"] = match[1]
    return labels
