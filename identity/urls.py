from django.urls import path

from identity.sign_in import emergency, views

app_name = "identity"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/problem/<str:reference>/", views.problem, name="sign-in-problem"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("stay-signed-in/", views.stay_signed_in, name="stay-signed-in"),
    path("own-account/", views.own_account, name="own-account"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("auth/login/entra/", views.start, name="start"),
    path("auth/prove/", views.prove, name="prove"),
    path("auth/complete/entra/", views.complete, name="complete"),
    path("auth/front-channel-logout/", views.front_channel_logout, name="front-channel-logout"),
    path("help/cannot-sign-in/", views.cannot_sign_in, name="cannot-sign-in"),
    path("emergency/<str:token>/", emergency.use, name="emergency"),
]
