"""The heading in docs/operations.md under which operations find what to do, step by step. To Vendor Management the
same case says that there is nothing to do.
"""

from __future__ import annotations

_REASONS = {
    "Entra is down": (
        "microsoft_timeout",
        "microsoft_unreachable",
        "microsoft_unavailable",
        "microsoft_busy",
        "graph_unavailable",
    ),
    "Graph returns 403": ("graph_not_permitted",),
    "The secret has expired": ("client_secret_expired", "client_secret_wrong", "graph_credential"),
    "The mail server is down": ("mail_not_sent", "self_check_email"),
    "The disk is full": ("disk_filling", "files_unusable", "files_folder_unusable"),
    "A field key is lost": ("rows_unreadable",),
}
RUNBOOKS = {reason: heading for heading, codes in _REASONS.items() for reason in codes}
