"""Checks records, proofs and logs without a server: `python -m voting.verify FILE…`.

It needs only Python and the modules of `voting` that it imports.
"""
