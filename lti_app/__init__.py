"""Relais: an LTI 1.3 tool that trains the référents numériques, room by room (docs/adr/0001)."""
