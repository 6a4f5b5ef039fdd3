"""Who asks: one file a resource over HTTP, `live/` over Socket.IO; `app` wires all of it.

Says nothing by itself about what may happen: that is `voting`.
"""
