"""Sources of context, asked together and each before a deadline."""
