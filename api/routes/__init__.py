"""The routes, a file a resource, for Flask. What phones ask all at once is in plain functions."""
