"""Names that say themselves that they are no trade file."""

from triggers.completeness import parse

UNFINISHED = (
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".crdownload",
    ".opdownload",
    ".download",
    ".filepart",
    ".inprogress",
    "._copying_",
    ".swp",
    "~",
)
#: What Hadoop's older clients write into a bucket where they make a folder.
FOLDER_MARKER = "_$folder$"
SIDECARS = (".sha256", ".md5", ".checksum")


def ignored_reason(uri: str, complete: str = "auto", prefix: str = "") -> str | None:
    """Why this name is not taken, or None when it is.

    `complete` is the feed's setting: its markers and manifests are no trade files. With the feed's `prefix`
    the folders below it count too (`_temporary/`, `.staging/`), as they do for Spark's own file source.
    """
    *folders, name = uri.removeprefix(prefix).split("/")
    hidden = [part for part in (folders if prefix else []) if _is_hidden(part)]
    if hidden:
        return f"the folder {hidden[0]!r} begins with {hidden[0][0]!r}"
    if _is_hidden(name):
        return f"the name begins with {name[0]!r}"
    return _by_ending(name) or _by_policy(name, complete)


def _is_hidden(name: str) -> bool:
    # `_date=2026-01-02` is a partition's folder, for Spark as well.
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _by_ending(name: str) -> str | None:
    lowered = name.lower()
    for ending in UNFINISHED:
        if lowered.endswith(ending):
            return f"the name ends in {ending!r}: a file that is not finished"
    for ending in SIDECARS:
        if lowered.endswith(ending):
            return f"the name ends in {ending!r}: a checksum, not trades"
    return f"the name ends in {FOLDER_MARKER!r}: Hadoop's mark of a folder" if name.endswith(FOLDER_MARKER) else None


def _by_policy(name: str, complete: str) -> str | None:
    policy = parse(complete)
    if policy.kind == "marker" and name.endswith(policy.name):
        return f"the name ends in {policy.name!r}: a marker, not trades"
    if policy.kind == "manifest" and name == policy.name:
        return "the manifest, not trades"
    return None
