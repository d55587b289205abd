"""The book's figures: one module a section, one function a named figure, each returns a new Figure."""
