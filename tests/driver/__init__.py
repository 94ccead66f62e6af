"""Drives the real program from outside: starts it, waits for it, asks it, reads what it stored, ends it by its own id."""
