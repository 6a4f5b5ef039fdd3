"""Pictures of candidates: what may be uploaded, what is kept of it, and who has it."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from api.pictures import PICTURE_BYTES, PIXELS, QUALITIES, SIDE, STORED_BYTES, shrink
from tests.http.hall import faults
from tests.http.rooms.house import House, Room, until

PLACE = b"Seoul, 37.5665 N"


def draw(form: str = "JPEG", size: tuple[int, int] = (600, 400), **options: Any) -> bytes:
    """Return a red file with a blue left half."""
    image = Image.new(options.pop("mode", "RGB"), size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG file that says it has so many pixels, and has few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def upload(house: House, room: Room, raw: bytes, kind: str = "jpeg", token: str = "") -> Any:
    headers = {"Content-Type": f"image/{kind}"}
    return house.request(
        "POST", f"{room.path}/pictures", token or room.host, data=raw, headers=headers
    )


def with_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, PLACE.decode()
    return draw(exif=exif)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_picture_is_made_anew_and_served_for_ever(house: House, form: str) -> None:
    room = house.room(visibility="members")

    made = upload(house, room, draw(form), form.lower())
    answer = house.request("GET", made.json()["path"])

    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/pictures/{made.json()['key']}"
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size) == ("JPEG", (SIDE, SIDE))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    caching = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
    assert caching == {"public", "immutable", "max-age=31536000"}


def test_picture_keeps_no_metadata_and_is_turned_as_they_say() -> None:
    upright, turned = (
        Image.open(BytesIO(shrink(with_exif(orientation), "JPEG"))) for orientation in (1, 6)
    )

    assert PLACE in with_exif()
    assert PLACE not in shrink(with_exif(), "JPEG")
    assert not upright.getexif()
    top, bottom = turned.getpixel((SIDE // 2, 9)), turned.getpixel((SIDE // 2, SIDE - 9))
    assert top[2] > 200 > bottom[2]  # type: ignore[index]


def test_transparent_picture_gets_a_white_ground() -> None:
    image = Image.open(BytesIO(shrink(draw("PNG", mode="RGBA"), "PNG")))
    clear = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(clear, "PNG")

    assert image.size == (SIDE, SIDE)
    assert Image.open(BytesIO(shrink(clear.getvalue(), "PNG"))).getpixel((9, 9)) == (255, 255, 255)


def test_noise_becomes_no_larger_than_any_stored_picture() -> None:
    noise = BytesIO()
    Image.effect_noise((900, 900), 255).convert("RGB").save(noise, "JPEG")

    assert len(QUALITIES) > 1
    assert len(shrink(noise.getvalue(), "JPEG")) <= STORED_BYTES


@pytest.mark.parametrize(
    ("raw", "kind", "found"),
    [
        (b"", "jpeg", "not_picture"),
        (b"GIF89a" + bytes(100), "png", "not_picture"),
        (draw("PNG"), "jpeg", "not_picture"),
        (draw("JPEG")[:500], "jpeg", "not_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "jpeg", "not_picture"),
        (png_of(30_000, 30_000), "png", "too_many_pixels"),
        (png_of(PIXELS + 1, 1), "png", "too_many_pixels"),
        (png_of(3_000, 3_000), "png", "not_picture"),  # most of its pixels are missing
    ],
)
def test_upload_that_is_no_picture_is_refused(
    house: House, raw: bytes, kind: str, found: str
) -> None:
    assert faults(upload(house, house.room(), raw, kind)) == {"picture": found}


def test_upload_of_another_type_or_too_many_bytes_is_refused(house: House) -> None:
    room = house.room()

    for form in ("gif", "webp"):
        assert upload(house, room, draw(form), form).status_code == 415
    assert upload(house, room, bytes(PICTURE_BYTES + 1)).status_code == 413


def test_candidate_has_a_picture_of_its_own_room_only(house: House) -> None:
    room, other = house.room(), house.room()
    key = upload(house, room, draw()).json()["key"]
    fields = {"title": "Chair", "candidates": [{"name": "A"}, {"name": "B", "picture": key}]}

    made = house.request("POST", f"{room.path}/polls", room.host, json=fields)
    strange = house.request("POST", f"{other.path}/polls", other.host, json=fields)
    draft = house.draft(other)
    changed = house.request("PATCH", f"/polls/{draft['id']}", other.host, json=fields)
    copied = house.request(
        "POST", f"{room.path}/polls", room.host, json={"copy_of": made.json()["id"]}
    )

    assert [each["picture"] for each in made.json()["candidates"]] == [None, key]
    assert [each["picture"] for each in copied.json()["candidates"]] == [None, key]
    assert faults(strange) == faults(changed) == {"candidates.1.picture": "unknown_picture"}


def test_picture_is_in_the_room_s_export_and_goes_with_the_room(house: House) -> None:
    room = house.room()
    made = upload(house, room, draw()).json()

    exported = house.request("GET", f"{room.path}/export", room.host).json()["pictures"]
    house.request("DELETE", room.path, room.host)

    assert [each["key"] for each in exported] == [made["key"]]
    until(lambda: house.request("GET", made["path"]).status_code == 404)


def test_room_has_a_logo_of_its_own_pictures_only(house: House) -> None:
    room, other = house.room(), house.room()
    key = upload(house, room, draw()).json()["key"]

    given, strange = (
        house.request("PATCH", each.path, each.host, json={"logo": key}) for each in (room, other)
    )
    gone = house.request("PATCH", room.path, room.host, json={"logo": None})

    assert given.json()["logo"] == key
    assert faults(strange) == {"logo": "unknown_picture"}
    assert gone.json()["logo"] is None


def test_logo_is_left_whole_on_a_white_ground() -> None:
    image = Image.open(BytesIO(shrink(draw("PNG", (900, 300)), "PNG", whole=True)))

    assert image.size == (SIDE, SIDE)
    left, middle, right = ((at, SIDE // 2) for at in (3, SIDE // 2 - 20, SIDE - 4))
    colours = [image.getpixel(at) for at in ((3, 3), left, middle, right)]
    white, blue, red = (255, 255, 255), (0, 0, 255), (255, 0, 0)
    for colour, wanted in zip(colours, (white, blue, blue, red), strict=True):
        assert max(abs(one - other) for one, other in zip(colour, wanted, strict=True)) < 40  # type: ignore[arg-type]


def test_upload_is_left_whole_where_that_is_asked_for(house: House) -> None:
    room, headers = house.room(), {"Content-Type": "image/png"}
    wide = draw("PNG", (900, 300))

    corners = []
    for whole in (0, 1):
        path = f"{room.path}/pictures?whole={whole}"
        made = house.request("POST", path, room.host, data=wide, headers=headers).json()
        image = Image.open(BytesIO(house.request("GET", made["path"]).content))
        corners.append(image.convert("L").getpixel((3, 3)))

    assert corners[0] < 128 < corners[1]


def test_copy_of_a_room_has_pictures_and_a_logo_of_its_own(house: House) -> None:
    room = house.room(colour="#7a1fa2")
    face, logo = (upload(house, room, draw()).json()["key"] for _ in range(2))
    upload(house, room, draw())
    fields = {"title": "Chair", "candidates": [{"name": "A"}, {"name": "B", "picture": face}]}
    house.request("POST", f"{room.path}/polls", room.host, json=fields)
    house.request("PATCH", room.path, room.host, json={"logo": logo})

    body = {"name": "Next month", "copy_of": room.code}
    made = house.request("POST", "/rooms", room.host, json=body).json()
    house.request("DELETE", room.path, room.host)
    until(lambda: house.request("GET", f"/pictures/{logo}").status_code == 404)

    path = f"/rooms/{made['code']}"
    (poll,) = house.request("GET", f"{path}/polls", room.host).json()["items"]
    exported = house.request("GET", f"{path}/export", room.host).json()["pictures"]
    shown = {made["logo"], poll["candidates"][1]["picture"]}
    assert made["colour"] == "#7a1fa2"
    assert {each["key"] for each in exported} == shown
    assert not shown & {face, logo}
    for key in shown:
        assert house.request("GET", f"/pictures/{key}").status_code == 200
