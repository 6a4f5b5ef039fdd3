"""What clients may say, and the domain's types beside the schemas that describe them.

Imports nothing of ours: everything else may import it.
"""
