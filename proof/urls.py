"""The addresses of the verification, and of the check that whoever holds a print can make."""

from django.urls import path

from . import checking_views, views

urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/<int:pk>/", views.verification_run, name="verification_run"),
    # Open to everybody: whoever holds a print knows its code.
    path("check/", checking_views.check, name="check"),
    path("check/<str:code>/", checking_views.check_print, name="check_print"),
    path("robots.txt", checking_views.robots, name="robots"),
]
