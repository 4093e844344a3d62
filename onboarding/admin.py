"""Django's admin imports this module, which registers what the packages add to it."""

from onboarding.correction import admin as corrections
from onboarding.draft import admin as drafts
from onboarding.reports import admin as reports
from onboarding.review import admin as submissions

__all__ = ["corrections", "drafts", "reports", "submissions"]
