"""The addresses of this room: the candidate's side, the staff's side, and the witnesses' links."""

from . import urls_portfolio, urls_staff, urls_testimonies

urlpatterns = [*urls_portfolio.urlpatterns, *urls_staff.urlpatterns, *urls_testimonies.urlpatterns]
