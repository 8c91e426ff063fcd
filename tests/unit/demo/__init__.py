"""The demonstration LMS, held to what a real Moodle 4.5.6 sent and answered."""
