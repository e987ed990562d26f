"""The panes and lines of the screen. They post messages upward and know nobody above them."""
