from django.urls import path

from onboarding.draft.steps import STEPS
from onboarding.wizard import downloads, views
from onboarding.wizard.wizard import Wizard

app_name = "onboarding"

wizard = Wizard.as_view([(step.name, step.form) for step in STEPS.values()], url_name="onboarding:step")

urlpatterns = [
    path("", views.index, name="index"),
    path("answers.html", downloads.as_html, name="answers-html"),
    path("answers.json", downloads.as_json, name="answers-json"),
    path("<slug:step>/", wizard, name="step"),
    path("<slug:step>/reply/", views.reply, name="reply"),
]
