"""Pure rules of content: the source format, its checks, its rendering, the published catalog.

Nothing here knows Flask, SQLAlchemy or Celery: an author's machine needs no database.

    files → yaml_lines → source (schema, messages) → checks
                                                   → changes (hashes, revisions)
                                                   → building (markdown, bibliography) → catalog
"""
