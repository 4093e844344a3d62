"""Orders of events in which something was lost once; the model would come to them by luck only.

Each is a rule of the model and its arguments.
"""

from __future__ import annotations

from typing import Any

LOST_ONCE: dict[str, list[tuple[Any, ...]]] = {
    "a renewed CV, by an approved change of the telephone number": [
        ("begin", "approved"),
        ("open_and_save", 0, "contact", 0, "continue"),
        ("send", 0),
        ("renew", "cv"),
        ("vm_approves",),
        ("night",),
    ],
    "a renewed certificate, by a page that showed the one before": [
        ("begin", "approved"),
        ("open_and_save", 0, "contact", 0, "continue"),
        ("withdraw",),
        ("open_page", 2, "qualifications"),
        ("renew", "certificate-1"),
        ("save", 2, 0, "continue"),
    ],
    "a file chosen on a page that is out of date": [
        ("begin", "filled"),
        ("open_page", 0, "qualifications"),
        ("open_page", 2, "qualifications"),
        ("save", 0, 1, "continue"),
        ("save", 2, 1, "continue"),
        ("save", 2, 0, "continue"),
    ],
    "a pair's own price, with the other pair": [
        ("begin", "filled"),
        ("open_and_save", 0, "rates", 0, "continue"),
        ("open_and_save", 1, "languages", 1, "continue"),
        ("send", 0),
    ],
    "whose number it is, when a company becomes a freelancer": [
        ("begin", "filled"),
        ("open_and_save", 0, "about", 0, "continue"),
        ("complete_and_send", 0),
        ("vm_approves",),
        ("open_and_save", 0, "about", 1, "continue"),
        ("complete_and_send", 0),
        ("vm_reads",),
    ],
    "what VM compares with, and what was saved after a change was declined": [
        ("begin", "approved"),
        ("open_and_save", 0, "qualifications", 1, "continue"),
        ("send", 0),
        ("night",),
        ("vm_reads",),
        ("open_and_save", 0, "contact", 0, "continue"),
        ("vm_declines",),
        ("send", 0),
        ("vm_approves",),
    ],
    "what was saved since, by a page of a draft that was purged": [
        ("begin", "approved"),
        ("save", 0, 0, "continue"),
        ("open_page", 0, "qualifications"),
        ("month",),
        ("complete_and_send", 2),
        ("save", 2, 1, "continue"),
        ("save", 0, 5, "back"),
    ],
    "a tax number that was saved after a change of the account was sent, and declined": [
        ("begin", "approved"),
        ("month",),
        ("name_account", 1),
        ("send", 2),
        ("open_and_save", 2, "tax", 8, "continue"),
        ("vm_declines",),
        ("name_account", 0),
        ("name_account", 1),
        ("send", 2),
    ],
    "the account in force, while another one waits for its release": [
        ("begin", "approved"),
        ("name_account", 1),
        ("send", 2),
        ("vm_approves",),
        ("name_account", 2),
        ("open_and_save", 0, "contact", 0, "continue"),
        ("send", 0),
        ("vm_reads",),
        ("vm_approves",),
        ("complete_and_send", 0),
    ],
    "what a new pair brings with it, when the change before it was declined": [
        ("begin", "approved"),
        ("open_and_save", 0, "contact", 0, "continue"),
        ("send", 0),
        ("add_row", 1, "languages", 2),
        ("vm_declines",),
        ("send", 1),
    ],
}
