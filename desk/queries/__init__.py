"""What needs whom next, derived on each request and never stored (HOUSE decided 6)."""
