"""The statements behind the administrators' pages: a fixed number for each, however many people."""
