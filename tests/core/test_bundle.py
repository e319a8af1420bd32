"""A bundle is one zip for one set of files, and anything else is refused with its reason."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.verifying.bundle import REQUIRED, BundleError, pack, unpack

FILES = {name: name.encode() for name in REQUIRED} | {"notes/opening.note": b"x"}
BUNDLE = pack(FILES)


@given(st.dictionaries(st.sampled_from([*REQUIRED, "notes/a-1.note"]), st.binary(max_size=50)), st.randoms())
def test_what_is_packed_is_unpacked_and_in_any_order_the_same(changed: dict[str, bytes], order: object) -> None:
    files = FILES | changed
    names = list(files)
    order.shuffle(names)  # type: ignore[attr-defined]
    assert unpack(pack(files)) == files
    assert pack({name: files[name] for name in names}) == pack(files)


@pytest.mark.parametrize(
    "name", ["x.exe", "../leaves.txt", "notes/x.txt", "notes/../a.note", "SHA256SUMS", "", "A.txt"]
)
def test_a_file_that_no_bundle_has_is_not_packed(name: str) -> None:
    with pytest.raises(BundleError):
        pack(FILES | {name: b""})


@pytest.mark.parametrize("name", REQUIRED)
def test_each_required_file_must_be_there(name: str) -> None:
    with pytest.raises(BundleError, match=name):
        pack({other: content for other, content in FILES.items() if other != name})


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_every_changed_byte_is_refused() -> None:
    for at in range(0, len(BUNDLE), 97):
        changed = bytearray(BUNDLE)
        changed[at] ^= 1
        with pytest.raises(BundleError):
            unpack(bytes(changed))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", BUNDLE[:-5], BUNDLE + b"x", b"x" + BUNDLE, zipped(FILES), zipped(FILES, zipfile.ZIP_DEFLATED)],
)
def test_other_bytes_are_no_bundle(data: bytes) -> None:
    with pytest.raises(BundleError):
        unpack(data)


def test_a_zip_that_swells_is_not_read() -> None:
    with pytest.raises(BundleError, match="more than"):
        unpack(zipped({"leaves.txt": bytes(10**7)}, zipfile.ZIP_DEFLATED))


def test_the_list_of_files_of_a_zip_is_measured_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped({f"notes/{number:08}.note": b"" for number in range(20_000)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(BundleError, match="more than"):
        unpack(many)
    with pytest.raises(BundleError, match="end"):
        unpack(BUNDLE[:-22] + b"PK\x06\x07" + bytes(16) + BUNDLE[-22:])
