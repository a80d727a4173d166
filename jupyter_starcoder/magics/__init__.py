"""`%starcoder` and `%%starcoder`: with the server's model inside Jupyter, with a model of their own elsewhere."""
