from django.urls import path

from onboarding.draft.steps import STEPS
from onboarding.wizard import downloads, overview, reply, withdraw
from onboarding.wizard.step_page import StepPage

app_name = "onboarding"

step_page = StepPage.as_view([(step.name, step.form) for step in STEPS.values()], url_name="onboarding:step")

urlpatterns = [
    path("", overview.index, name="index"),
    path("answers/", downloads.in_full, name="answers-whole"),
    path("answers.html", downloads.as_html, name="answers-html"),
    path("answers.json", downloads.as_json, name="answers-json"),
    path("withdraw/", withdraw.withdraw, name="withdraw"),
    path("withdrawn/", withdraw.withdrawn, name="withdrawn"),
    path("<slug:step>/", step_page, name="step"),
    path("<slug:step>/reply/", reply.reply, name="reply"),
]
