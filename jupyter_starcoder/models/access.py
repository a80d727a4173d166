"""How a person is let in to a gated model, in words that can be followed one after the other."""


def access_steps(reference: str) -> str:
    """What to do once before the hub gives the model `owner/name` away."""
    return (
        f"accept its licence at https://huggingface.co/{reference} with your account, then put a token of this account "
        "into the environment variable HF_TOKEN of the server, or run `hf auth login` there"
    )
