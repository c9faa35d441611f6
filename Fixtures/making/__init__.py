"""What `make_fixtures.py` is made of: cases, the libraries that compute them, the recurrence that checks them, and the files."""
