"""Drawing, as far as it is pure: lines, heights, links, colours, panes; never imports Textual."""
