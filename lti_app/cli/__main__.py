"""`python -m lti_app.cli`: the same as `relais`, for processes started by path."""

from lti_app.cli import main

main()
