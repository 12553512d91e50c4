"""How long the pages take that people live on. `make bench`."""
