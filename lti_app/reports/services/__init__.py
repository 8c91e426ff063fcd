"""What the trainer's pages show: the list of a session, and one referent's card."""
