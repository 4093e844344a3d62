from django.urls import path

from vendors.agreements import views as agreements
from vendors.away import views as away
from vendors.data_requests import views as data_requests
from vendors.documents import views as documents
from vendors.email_change import views as email_change
from vendors.own_sessions import views as own_sessions
from vendors.payment import views as payment
from vendors.profile import views as profile
from vendors.rate_proposals import views as rate_proposals
from vendors.still_right import views as still_right

app_name = "vendors"

urlpatterns = [
    path("profile/", profile.show_profile, name="profile"),
    path("profile/away/", away.add, name="away"),
    path("profile/away/<int:pk>/", away.change, name="away-change"),
    path("profile/sessions/", own_sessions.own_sessions, name="sessions"),
    path("profile/still-right/", still_right.confirm, name="still-right"),
    path("profile/training/", still_right.training, name="training"),
    path("profile/rates/<int:pk>/", rate_proposals.answer, name="rate-proposal"),
    path("profile/payment/", payment.add_payment, name="payment"),
    path("payment/not-me/<str:token>/", payment.not_me, name="payment-not-me"),
    path("profile/email-change/", email_change.change_email, name="email-change"),
    path("data-requests/", data_requests.ask, name="data-requests"),
    path("agreements/", agreements.accept_agreements, name="agreements"),
    path("agreements/<slug:sha256>/", agreements.agreement, name="agreement"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>/replace/", documents.replace_document, name="replace-document"),
    path("email-change/not-me/<str:token>/", email_change.not_me, name="not-me"),
]
