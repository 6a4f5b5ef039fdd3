"""What there is: accounts, rooms and those in them, polls, ballots. Frozen; see `voting.store`."""
