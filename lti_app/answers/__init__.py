"""Marking, the answers as given, and the memory they leave."""
