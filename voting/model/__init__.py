"""The core's types: accounts, rooms and their people, polls, ballots. All are frozen.
`voting.store` keeps them.
"""
