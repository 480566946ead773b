"""What bytes beside a cassette are: their media type, and the ending of their file's name."""

from __future__ import annotations

__all__ = ["LARGE", "ending_of", "is_readable", "sniffed"]

LARGE = 4096
"""Characters from which media and vectors stand in a file of their own."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_ENDINGS = {
    "application/json": "json",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp3": "mp3",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/webm": "webm",
    "audio/x-wav": "wav",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt",
    "video/mp4": "mp4",
    "video/mpeg": "mpeg",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_MEDIA = ("image/", "audio/", "video/")


def sniffed(data: bytes) -> str | None:
    """The media type that the first bytes of a file tell."""
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def ending_of(media_type: str | None) -> str:
    """How the name of a file of this type ends, without the dot; `bin` for unknown ones."""
    return _ENDINGS.get((media_type or "").partition(";")[0].strip().lower(), "bin")


def is_readable(media_type: str | None, data: bytes) -> bool:
    """Whether a file may hold words, and so secrets: all but pictures, sound, film and PDF."""
    kind = (media_type or "").lower()
    plain = kind.startswith(_MEDIA) and not kind.startswith("image/svg")
    return not (plain or kind == "application/pdf") or sniffed(data) is None
