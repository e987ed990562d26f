"""What a typed text means, and what helps to type it: never imports Textual."""
