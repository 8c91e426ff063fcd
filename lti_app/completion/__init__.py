"""Where a person stands in each module: pure rules, and the state they lead to."""
