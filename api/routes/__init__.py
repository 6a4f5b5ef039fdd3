"""Flask's routes, a file for each resource. What a whole hall requests is in plain functions."""
