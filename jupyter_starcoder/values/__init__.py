"""The frozen values that travel between stages, one file a topic. They check themselves when made."""
