"""The command line `rollcall`, one file for each kind of command; `main` finds them.

Commands read arguments and print results. What they do is done elsewhere: `run.py` serves,
`db/__main__.py` works on the store's files, `voting/verify/` checks records; the others ask a
running server over HTTP, as any client does.
"""
