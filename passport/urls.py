from django.contrib import admin
from django.urls import include, path

from passport import views

urlpatterns = [
    path("", views.home, name="home"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("help/signing-in/", views.help_signing_in, name="help-signing-in"),
    path("help/your-data/", views.help_your_data, name="help-your-data"),
    path("", include("identity.urls")),
    path("", include("vendors.urls")),
    path("onboarding/", include("onboarding.wizard.urls")),
    path("profile/changes/", include("onboarding.change.urls")),
    path("profile/confirm/", include("onboarding.carried_over.urls")),
    path("profile/corrections/", include("onboarding.correction.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "passport.views.bad_request"
handler403 = "passport.views.permission_denied"
handler500 = "passport.views.server_error"
