"""What makes pictures, and what sets up the environment for `make`."""
