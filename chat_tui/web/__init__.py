"""The full-screen client in browsers."""
