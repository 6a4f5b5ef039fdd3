"""The core's types: accounts, rooms and their people, polls, ballots. All are frozen; see
`voting.store`.
"""
