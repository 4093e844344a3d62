from django.urls import path

from onboarding.correction import views

app_name = "corrections"

urlpatterns = [path("<slug:reference>/", views.correction, name="correction")]
