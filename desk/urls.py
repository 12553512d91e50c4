"""The front door."""

from django.urls import path

from desk import views
from desk.design import design

urlpatterns = [
    path("", views.home, name="home"),
    path("design/", design, name="design"),
]
