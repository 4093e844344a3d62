from django.urls import path

from vendors.email_change import disputes
from vendors.profile import views

app_name = "vendors"

urlpatterns = [
    path("profile/", views.show_profile, name="profile"),
    path("profile/payment/", views.add_payment, name="payment"),
    path("profile/email-change/", views.change_email, name="email-change"),
    path("agreements/", views.accept_agreements, name="agreements"),
    path("agreements/<slug:sha256>/", views.agreement, name="agreement"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>/replace/", views.replace_document, name="replace-document"),
    path("email-change/not-me/<str:token>/", disputes.not_me, name="not-me"),
]
