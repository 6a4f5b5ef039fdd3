"""Everything live, over Socket.IO: presence, chat, and tallies while people vote.

`live` makes the parts, `events` handles clients' events, and `watching` knows who watches which
room. Changes are only marked; the loops of `ticker` then call `notifier`, which sends them.
`api.presence` counts people.
"""
