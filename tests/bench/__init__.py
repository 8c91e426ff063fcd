"""Speed of Relais as it is served: gunicorn, a real database, a load generator beside it.

`make bench`, or `python -m tests.bench --help`. Figures, not a test: nothing here fails on a slow
machine. Everything that is counted was checked: an error page, however fast, is an error.

    wsgi        what gunicorn runs: Relais, counting its SQL statements
    server      one database, one Redis or none, one gunicorn, all in a folder of their own
    world       the course that is asked for: referents, trainer, answers to give
    browser     a cheap HTTP client with a cookie jar
    scenarios   what people do, and how it is checked
    load        the generator, a process of its own
    cpu         who used the processors meanwhile
    roster      a roster of 20,000 members read from an LMS, and `members`, that LMS
    report      the table and the JSON
"""
