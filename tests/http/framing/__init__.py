"""How requests are framed: raw bytes to a real server, alone, in pieces and behind nginx."""
