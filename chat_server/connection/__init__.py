"""One connection: what it says, at its own pace, what its lines mean, and who it is."""
