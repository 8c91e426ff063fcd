"""What the claims of a launch must look like, and how refusals are explained. Pure."""
