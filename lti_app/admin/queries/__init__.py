"""Reading for the administrators' screens."""
