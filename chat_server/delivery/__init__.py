"""What everybody is told, and how fast: one write for each receiver and turn of the loop."""
