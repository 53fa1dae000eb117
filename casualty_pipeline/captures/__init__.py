"""What comes in: the archive, the declarations of sources, and a connector for each source format."""
