"""The load generator, a process of its own: people who come, talk, and check what they hear."""
