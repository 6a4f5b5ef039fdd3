"""The command line, run as people run it: as processes, beside real servers."""
