"""Makes uploaded pictures anew: small square JPEG files without metadata.

Pictures are decoded in one thread beside the event loop, one at a time, so that votes don't wait
and memory is bounded. Nothing of the uploaded file is kept but what can be seen.
"""

import warnings
from functools import partial
from io import BytesIO

from gevent.threadpool import ThreadPool
from PIL import Image, ImageOps

from api.niceness import at_low_priority
from api.turns import Turns
from db.journal.runner import run_in
from voting.faults import Fault, Invalid

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
"""Not WebP: Pillow holds Python's lock while it decodes that, for a tenth of a second. The web app
sends JPEG, whatever was chosen.
"""
PICTURE_BYTES = 2 << 20
"""Bytes of an uploaded file. The web app makes pictures smaller before it sends them."""
PIXELS = 12_000_000
SIDE = 320
"""Pixels of each side of a stored picture."""
STORED_BYTES = 48 << 10
QUALITIES = (82, 65, 45, 25)
"""JPEG qualities, tried in this order until the file is small enough."""
WAITING, RETRY_SECONDS = 20, 5
"""How many uploads may wait for the thread; a further one is refused."""


class Pictures:
    """Makes pictures anew in a thread. Callers yield while they wait, in turns between persons."""

    def __init__(self) -> None:
        self._pool = ThreadPool(1)
        self.turns = Turns(at_once=1, places=WAITING, retry_seconds=RETRY_SECONDS)

    def shrink(self, raw: bytes, media_type: str, person: str, *, whole: bool = False) -> bytes:
        """Return an uploaded file as a stored one; raises as `shrink`, or `RateLimited`."""
        work = partial(at_low_priority, lambda: shrink(raw, FORMATS[media_type], whole=whole))
        made = self.turns.do(lambda: run_in(self._pool, work), ("", person, person))
        return bytes(made)


def shrink(raw: bytes, form: str, *, whole: bool = False) -> bytes:
    """Return a picture as a JPEG file of `SIDE` pixels a side.

    raw: a file of the format `form`; of an animation the first picture is taken
    whole: nothing is cut off; what is no square gets white edges

    Raises `Invalid` for a file of another format, a broken one, and one of too many pixels.
    """
    try:
        return _shrink(raw, form, whole=whole)
    except Invalid:
        raise
    except Image.DecompressionBombError as error:
        raise Invalid(Fault("picture", "too_many_pixels", PIXELS)) from error
    except Exception as error:  # decoders of broken files raise whatever they like
        raise Invalid(Fault("picture", "not_picture")) from error


def _shrink(raw: bytes, form: str, *, whole: bool) -> bytes:
    with warnings.catch_warnings(), Image.open(BytesIO(raw), formats=(form,)) as image:
        warnings.simplefilter("ignore")  # about broken metadata
        if image.width * image.height > PIXELS:
            raise Invalid(Fault("picture", "too_many_pixels", PIXELS))
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        seen = image if image.mode in ("RGB", "L", "RGBA") else image.convert("RGBA")
        seen.thumbnail((4 * SIDE, 4 * SIDE))
        seen = ImageOps.exif_transpose(seen)
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
    if whole:
        return _encode(ImageOps.pad(ground, (SIDE, SIDE), color="white"))
    return _encode(ImageOps.fit(ground, (SIDE, SIDE), centering=(0.5, 0.4)))


def _encode(image: Image.Image) -> bytes:
    for quality in QUALITIES:
        file = BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= STORED_BYTES:
            break
    return file.getvalue()
