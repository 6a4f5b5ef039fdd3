"""What exists only for the frontends that were written for an earlier server."""
