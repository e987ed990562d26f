"""The pane of messages: `view` is the widget, the others its parts."""
