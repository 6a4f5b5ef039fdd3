"""What the API says of itself: OpenAPI and AsyncAPI documents, and the page that shows them.

They are made of the routes' own descriptions (`operations`), the Cerberus schemas of what clients
may say, and the types of what they are sent. Those stand beside the functions that build it, and
mypy holds the two together. Nothing is said twice.
"""
