"""The frontends that were written against an earlier server: all that is for them alone."""
