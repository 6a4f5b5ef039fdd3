"""The ways to deploy, as far as they run on this machine."""
