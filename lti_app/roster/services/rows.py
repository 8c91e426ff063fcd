"""Rows that the database reads from one JSON parameter, on SQLite and PostgreSQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_app.core.database import Base, JsonDict


def json_rows(
    session: Session, rows: Sequence[JsonDict], columns: Mapping[str, Any]
) -> sa.FromClause:
    """A table of these rows, with these columns (name → SQL type)."""
    text = sa.bindparam("json_rows", json.dumps(rows), sa.Text(), unique=True)
    if session.get_bind().dialect.name == "postgresql":
        described = [sa.column(name, type_) for name, type_ in columns.items()]
        record_set = sa.func.jsonb_to_recordset(sa.cast(text, postgresql.JSONB))
        return record_set.table_valued(*described, name="given").render_derived(with_types=True)
    entry = sa.func.json_each(text).table_valued("value", name="entry")
    return sa.select(
        *(
            sa.type_coerce(sa.func.json_extract(entry.c.value, f"$.{name}"), type_).label(name)
            for name, type_ in columns.items()
        )
    ).subquery("given")


def insert_from(session: Session, model: type[Base], chosen: sa.Select[Any]) -> Any:
    """INSERT … SELECT into the columns that `chosen` labels, ready for an ON CONFLICT clause."""
    names = [column.name for column in chosen.selected_columns]
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model).from_select(names, chosen)
    # Without a WHERE, SQLite would read ON CONFLICT as the condition of a join.
    return sqlite.insert(model).from_select(names, chosen.where(sa.text("true")))
