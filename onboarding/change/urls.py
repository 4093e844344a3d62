from django.urls import path

from onboarding.change import views
from onboarding.change.changes import CHANGEABLE

app_name = "changes"

wizard = views.ChangeWizard.as_view([(step.name, step.form) for step in CHANGEABLE], url_name="changes:step")

urlpatterns = [
    path("", views.index, name="index"),
    path("payment/", views.payment, name="payment"),
    path("<slug:step>/", wizard, name="step"),
    path("<slug:step>/reply/", views.reply, name="reply"),
]
