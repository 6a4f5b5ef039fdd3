"""Socket.IO: who is here, and the tallies as they move.

`events` is what clients may say, `ticker` tells tallies, `leases` counts people (pure),
`presence` tells them. Votes and disconnections only mark; these loops alone emit.
"""
