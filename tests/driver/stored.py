"""Reads the data file as an independent client of SQLite."""

import json
import sqlite3


def query(file, text, *values):
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(text, values).fetchall()
    finally:
        connection.close()


def is_made(file):
    """Whether the program has made its store; the file is there a moment earlier."""
    return file.exists() and query(file, "SELECT count(*) FROM sqlite_master WHERE name = 'documents'") == [(1,)]


def documents(file, database, collection):
    """The collection's documents by id."""
    rows = query(file, "SELECT id, body FROM documents WHERE database = ? AND collection = ?", database, collection)
    return {row[0]: json.loads(row[1]) for row in rows}


def document_ids(file, database, collection):
    """All ids, with repetitions if there were any."""
    return [row[0] for row in query(file, "SELECT id FROM documents WHERE database = ? AND collection = ?", database, collection)]


def waiting(file, source):
    """How many messages of a queue or stream are there."""
    return query(file, "SELECT count(*) FROM source_messages WHERE source = ?", source)[0][0]


def dead_letters(file):
    return query(file, "SELECT number, source, error, id, payload FROM dead_letters ORDER BY number")
