"""What Relais does over LTI: log in, launch, publish keys, ask for tokens, send scores."""
