"""Pure rules of content: the source format, its checks, its rendering, the published catalog.

Nothing here knows Flask, SQLAlchemy or Celery: an author's machine needs no database.

    files → yaml_lines → source (schema, supplements) → texts → checks
                         validating → messages        → changes (hashes, revisions)
                                                      → building → catalog
    exchange: questions to and from other systems
    tokens → markdown_rules → markdown (rendering)    drawing → colours (figures)
"""
