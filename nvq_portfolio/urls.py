"""Every address of the product. Each room keeps its own; this map only joins them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("centres.urls")),
    path("", include("registrations.urls")),
    path("", include("evidence.urls")),
    path("", include("assessment.urls")),
    path("", include("signoff.urls")),
    path("", include("records.urls")),
    path("", include("proof.urls")),
    path("accounts/", include("allauth.urls")),
    path("operators/", admin.site.urls),
]

handler400 = "desk.errors.bad_request"
handler500 = "desk.errors.server_error"
