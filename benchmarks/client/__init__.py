"""How fast the client is, beside others."""
