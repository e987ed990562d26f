"""What the client knows and has to say, without a screen: never imports Textual."""
