"""One module per source format. A connector turns the bytes of captures into statements, and says why where it can't."""
