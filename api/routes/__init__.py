"""Flask's routes, a file for each resource. What a whole hall requests at once is answered by plain
functions, which the lane calls, too.
"""
