"""Journeys in headless Chromium, the LMS and Relais on different sites."""
