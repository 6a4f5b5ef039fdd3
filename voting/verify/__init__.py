"""Checks records, proofs and logs by themselves, with no server: `python -m voting.verify FILE…`.

Needs Python and the modules of `voting` that it imports, nothing else.
"""
