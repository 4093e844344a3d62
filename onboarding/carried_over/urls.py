from django.urls import path

from onboarding.carried_over import views

app_name = "carried-over"

urlpatterns = [path("", views.confirm, name="confirm")]
