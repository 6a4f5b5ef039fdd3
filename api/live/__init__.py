"""Everything live, over Socket.IO: presence, chat, and tallies while people vote.

`live` handles the events of clients, and `watching` knows who is in which room. What has changed is
only marked; the loops of `ticker` send it, in the words of `telling`. `api.presence` counts people.
"""
