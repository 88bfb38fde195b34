"""A file becomes text: the exact version, opened, unpacked, cut into splits, its beginning understood."""
