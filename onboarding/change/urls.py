from django.urls import path

from onboarding.change import overview, payment_page, reply
from onboarding.change.proposal import CHANGEABLE
from onboarding.change.step_page import ChangePage

app_name = "changes"

step_page = ChangePage.as_view([(step.name, step.form) for step in CHANGEABLE], url_name="changes:step")

urlpatterns = [
    path("", overview.index, name="index"),
    path("payment/", payment_page.payment, name="payment"),
    path("<slug:step>/", step_page, name="step"),
    path("<slug:step>/reply/", reply.reply, name="reply"),
]
