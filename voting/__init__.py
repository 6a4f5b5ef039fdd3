"""What may happen, and how it is counted: rules and use cases.

No Flask, no sockets, no files; the store, the time, ids and randomness are arguments.
"""
