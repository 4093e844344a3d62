"""What a vendor can offer: services and how each is priced, specialisms, tools, working days."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SERVICES = [
    ("translation", _("Translation")),
    ("revision", _("Revision by a second person (bilingual)")),
    ("proofreading", _("Proofreading (target text only)")),
    ("post_editing", _("Post-editing of machine translation")),
    ("transcreation", _("Transcreation")),
    ("subtitling", _("Subtitling")),
    ("interpreting", _("Interpreting")),
    ("certified_translation", _("Certified translation (US, UK)")),
    ("sworn_translation", _("Sworn translation")),
    ("terminology", _("Terminology work")),
    ("desktop_publishing", _("Desktop publishing")),
    ("quality_assessment", _("Linguistic quality assessment")),
]

UNITS = [
    ("source_word", _("per source word")),
    ("target_word", _("per target word")),
    ("character", _("per character")),
    ("line_55", _("per line of 55 characters")),
    ("page", _("per page")),
    ("minute", _("per minute of recording")),
    ("hour", _("per hour")),
    ("half_day", _("per half day")),
    ("day", _("per day")),
    ("project", _("per project")),
]

_TEXT_UNITS = ("source_word", "target_word", "character", "line_55", "page", "hour")
_DOCUMENT_UNITS = ("page", "line_55", "source_word", "target_word", "project")
# The first one is what most people use and is offered first.
UNITS_OF_SERVICE = {
    "translation": _TEXT_UNITS,
    "revision": ("source_word", "target_word", "hour", "page", "line_55"),
    "proofreading": ("target_word", "hour", "page", "line_55"),
    "post_editing": ("source_word", "target_word", "hour", "line_55"),
    "transcreation": ("hour", "source_word", "project"),
    "subtitling": ("minute", "hour", "project"),
    "interpreting": ("hour", "half_day", "day"),
    "certified_translation": _DOCUMENT_UNITS,
    "sworn_translation": _DOCUMENT_UNITS,
    "terminology": ("hour", "project"),
    "desktop_publishing": ("page", "hour", "project"),
    "quality_assessment": ("hour", "source_word"),
}

# By name, as people look for them.
SPECIALISMS = [
    ("agriculture", _("Agriculture and food")),
    ("arts", _("Art, culture and literature")),
    ("automotive", _("Automotive")),
    ("chemistry", _("Chemistry")),
    ("construction", _("Construction and architecture")),
    ("consumer", _("Consumer goods and retail")),
    ("education", _("Education and training")),
    ("telecommunications", _("Electronics and telecommunications")),
    ("energy", _("Energy and environment")),
    ("finance", _("Finance, banking and insurance")),
    ("games", _("Games")),
    ("government", _("Government and public sector")),
    ("human_resources", _("Human resources")),
    ("it", _("Information technology and software")),
    ("legal", _("Law and contracts")),
    ("life_sciences", _("Life sciences and pharmaceuticals")),
    ("marketing", _("Marketing and advertising")),
    ("mechanical", _("Mechanical engineering")),
    ("media", _("Media and journalism")),
    ("medical_devices", _("Medical devices")),
    ("medical", _("Medicine and health")),
    ("patents", _("Patents")),
    ("technical", _("Technology (general)")),
    ("tourism", _("Tourism and hospitality")),
    ("transport", _("Transport and logistics")),
]

# The three that most people have, then by name.
CAT_TOOLS = [
    ("studio", "Trados Studio"),
    ("memoq", "memoQ"),
    ("memsource", "Phrase TMS (Memsource)"),
    ("across", "Across"),
    ("crowdin", "Crowdin"),
    ("dejavu", "Déjà Vu"),
    ("matecat", "Matecat"),
    ("omegat", "OmegaT"),
    ("smartcat", "Smartcat"),
    ("smartling", "Smartling"),
    ("transit", "Transit"),
    ("wordbee", "Wordbee"),
    ("wordfast", "Wordfast"),
    ("xtm", "XTM"),
]

WORKING_DAYS = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]


def service_name(code: str) -> str:
    return str(dict(SERVICES).get(code, code))


def unit_name(code: str) -> str:
    return str(dict(UNITS).get(code, code))


def specialism_name(code: str) -> str:
    return str(dict(SPECIALISMS).get(code, code))


def cat_tool_name(code: str) -> str:
    return str(dict(CAT_TOOLS).get(code, code))


def working_day_name(code: str) -> str:
    return str(dict(WORKING_DAYS).get(code, code))
