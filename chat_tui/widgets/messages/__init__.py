"""The pane of a conversation's messages: its view, its lines, the selection and the search."""
