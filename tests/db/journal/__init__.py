"""The journaled TinyDB by itself."""
