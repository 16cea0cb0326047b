"""Pictures made small enough for a page."""

from io import BytesIO

from PIL import Image

from local.files import replacing

MAX_BYTES = 150_000
COLOURS = 128  # a third of the bytes, and nobody sees it
NARROWER = 0.8


def shrink(source, path):
    """Write a picture as a small PNG; the same picture gives the same bytes."""
    with replacing(path) as temporary:
        temporary.write_bytes(shrunk(source))


def shrunk(source, max_bytes=MAX_BYTES):
    """Return a picture as a PNG of few colours, and of fewer pixels if it must be.

    Parameters
    ----------
    source : str, Path or binary file
        The picture.
    max_bytes : int
        What it may have at most.

    Returns
    -------
    png : bytes
        The same for the same picture.
    """
    with Image.open(source) as image:
        picture = image.convert("RGB")
    while True:
        stream = BytesIO()
        picture.quantize(COLOURS).save(stream, "PNG", optimize=True)
        if len(stream.getvalue()) <= max_bytes or max(picture.size) < 2:
            return stream.getvalue()
        picture = picture.resize([max(1, int(NARROWER * n)) for n in picture.size])


def collect_pictures(sources, target):
    """Shrink pictures of runs into a folder, and tell which are there then.

    Parameters
    ----------
    sources : dict of str to sequence of Path
        Name of a picture, without suffix -> files it may be, of which the first that
        exists counts. If none does, the picture of before stays: runs that come from
        elsewhere are figures without pictures.
    target : Path
        Where to write.

    Returns
    -------
    there : list of str
        The names of those in ``target``.
    """
    for name, paths in sources.items():
        source = next((path for path in paths if path.is_file()), None)
        if source:
            shrink(source, target / f"{name}.png")
    return [name for name in sources if (target / f"{name}.png").is_file()]
