from django.urls import path

from vendors.agreements import views as agreements
from vendors.documents import views as documents
from vendors.email_change import views as email_change
from vendors.payment import views as payment
from vendors.profile import views as profile

app_name = "vendors"

urlpatterns = [
    path("profile/", profile.show_profile, name="profile"),
    path("profile/payment/", payment.add_payment, name="payment"),
    path("payment/not-me/<str:token>/", payment.not_me, name="payment-not-me"),
    path("profile/email-change/", email_change.change_email, name="email-change"),
    path("agreements/", agreements.accept_agreements, name="agreements"),
    path("agreements/<slug:sha256>/", agreements.agreement, name="agreement"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>/replace/", documents.replace_document, name="replace-document"),
    path("email-change/not-me/<str:token>/", email_change.not_me, name="not-me"),
]
