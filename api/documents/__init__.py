"""The API's documents: OpenAPI, AsyncAPI, and the page that shows them.

They are made from the routes' descriptions (`operations`), from the Cerberus schemas of what
clients may send, and from the types of what they are sent. The types stand beside the functions
that build the documents, and mypy checks that they agree.
"""
