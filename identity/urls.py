from django.urls import path

from identity.failures import views as failures
from identity.invitations import landing
from identity.sessions import views as sessions
from identity.sign_in import emergency, own_account, views

app_name = "identity"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/problem/<str:reference>/", failures.problem, name="sign-in-problem"),
    path("sign-out/", sessions.sign_out, name="sign-out"),
    path("stay-signed-in/", sessions.stay_signed_in, name="stay-signed-in"),
    path("own-account/", own_account.own_account, name="own-account"),
    path("welcome/<str:token>/", landing.welcome, name="welcome"),
    path("auth/login/entra/", views.start, name="start"),
    path("auth/prove/", views.prove, name="prove"),
    path("auth/complete/entra/", views.complete, name="complete"),
    path("auth/front-channel-logout/", sessions.front_channel_logout, name="front-channel-logout"),
    path("help/cannot-sign-in/", failures.cannot_sign_in, name="cannot-sign-in"),
    path("emergency/<str:token>/", emergency.use, name="emergency"),
]
