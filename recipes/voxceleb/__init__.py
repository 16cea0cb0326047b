"""Speaker verification as on VoxCeleb: its networks, trained by the root script."""
