"""What attackers do to a server, and the servers that it is done to."""
