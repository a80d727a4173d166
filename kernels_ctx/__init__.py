"""What a live kernel holds, as frozen values."""
