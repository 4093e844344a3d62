from django.urls import path

from onboarding import views
from onboarding.steps import STEPS

app_name = "onboarding"

wizard = views.Wizard.as_view([(step.name, step.form) for step in STEPS.values()], url_name="onboarding:step")

urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:step>/", wizard, name="step"),
    path("<slug:step>/reply/", views.reply, name="reply"),
]
