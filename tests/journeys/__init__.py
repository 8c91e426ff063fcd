"""Journeys across the whole system: real processes, real broker, real databases, no mock."""
