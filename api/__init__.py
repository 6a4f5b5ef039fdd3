"""The server: `routes/` answers HTTP, one file a resource, and `live/` Socket.IO; `app` wires it.

It decides nothing about polls and people by itself: the rules are in `voting`.
"""
