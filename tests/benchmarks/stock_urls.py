"""The pages of the yardstick; their templates are in sign_in_alone.py."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import include, path

urlpatterns = [
    path("", login_required(lambda request: render(request, "home.html"))),
    path("sign-in/", lambda request: render(request, "sign_in.html"), name="sign-in"),
    path("auth/", include("social_django.urls", namespace="social")),
]
