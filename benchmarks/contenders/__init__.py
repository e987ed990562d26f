"""The servers that are measured, ours and others, and the load that is let loose on them."""
