"""What clients may send, as Cerberus schemas, and how it becomes the core's types.

Of this project, it imports `voting` only.
"""
