"""The three content files: read, checked all at once, linted, mapped and scored."""
