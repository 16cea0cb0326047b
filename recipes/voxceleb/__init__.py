"""The VoxCeleb lab: networks, losses, scoring, and a study of size against data."""
