"""What can be chosen: settings, preferences, and the keys of each action."""
