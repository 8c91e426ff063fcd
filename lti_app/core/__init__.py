"""The ground floor: settings, database, clock, logging, secrets, outbound HTTP, errors.

Imports nothing from the other rooms.
"""
