"""What administrators' screens decide. Pure."""
