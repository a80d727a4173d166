"""Which models there are, where each comes from, and the folder where they are kept."""
