"""The LTI 1.3 protocol: registrations, keys, login and launch validation, services of the LMS.

Knows nothing of modules, people or pages: it turns what a platform sends into a `Launch`, or
refuses it with an explanation.
"""
