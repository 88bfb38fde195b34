"""pyarrow without its stubs, which know fewer overloads than the kernels have; names say what is meant."""

from typing import Any, TypeAlias

import pyarrow.compute

pc: Any = pyarrow.compute

Column: TypeAlias = Any  # a pa.Array of any type
Texts: TypeAlias = Any  # a pa.StringArray
