from django.urls import path

from onboarding import change_views
from onboarding.changes import CHANGEABLE

app_name = "changes"

wizard = change_views.ChangeWizard.as_view([(step.name, step.form) for step in CHANGEABLE], url_name="changes:step")

urlpatterns = [
    path("", change_views.index, name="index"),
    path("payment/", change_views.payment, name="payment"),
    path("<slug:step>/", wizard, name="step"),
    path("<slug:step>/reply/", change_views.reply, name="reply"),
]
