"""When rosters are read, who may be marked as gone, and how to say what went wrong. Pure."""
