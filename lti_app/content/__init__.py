"""What is taught: the schema and loader of `courses/`, the revisions people answered to.

`courses/` is the source; `relais content sync` publishes it into the database, where answers can
point at the very revision they met. Pages read the published `Catalog`.
"""
