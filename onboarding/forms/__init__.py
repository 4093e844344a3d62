"""The questions of the wizard, one form a step."""

from onboarding.forms.about import AboutForm
from onboarding.forms.agreements import AgreementsForm
from onboarding.forms.base import Answers, StepForm, Typed
from onboarding.forms.check import CheckForm
from onboarding.forms.company_certificates import CompanyCertificatesForm
from onboarding.forms.contact import ContactForm
from onboarding.forms.languages import MAX_PAIRS, LanguagesForm
from onboarding.forms.payment import PaymentStepForm
from onboarding.forms.qualifications import QualificationsForm
from onboarding.forms.rates import RatesForm
from onboarding.forms.reply import ReplyForm
from onboarding.forms.services import ServicesForm
from onboarding.forms.tax import TaxForm
from onboarding.forms.team import TeamForm

__all__ = [
    "AboutForm",
    "AgreementsForm",
    "Answers",
    "CheckForm",
    "CompanyCertificatesForm",
    "ContactForm",
    "LanguagesForm",
    "MAX_PAIRS",
    "PaymentStepForm",
    "QualificationsForm",
    "RatesForm",
    "ReplyForm",
    "ServicesForm",
    "StepForm",
    "TaxForm",
    "TeamForm",
    "Typed",
]
