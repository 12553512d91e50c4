"""The unit record and its sign-off."""

from django.urls import path

from . import handing_over_views, verifying_views, views

urlpatterns = [
    path("records/<int:pk>/", views.record, name="record"),
    path("records/<int:pk>/sign/<slug:slot>/", views.sign, name="sign"),
    path("records/<int:pk>/sample/", views.sample, name="sample"),
    path("records/<int:pk>/sample/withdraw/", views.withdraw_sample, name="withdraw_sample"),
    path("records/<int:pk>/unlock/", views.unlock, name="unlock"),
    path("records/<int:pk>/history/", views.history, name="history"),
    path("signatures/<int:pk>/drawing/", views.signature_drawing, name="signature_drawing"),
    path("people/<int:pk>/hand-over/", handing_over_views.hand_over, name="hand_over"),
    path("verify/", verifying_views.verify, name="verify"),
    path("verify/<int:pk>/", verifying_views.verification_run, name="verification_run"),
]
