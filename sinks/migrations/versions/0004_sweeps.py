"""What sweeps found and how far they came; how objects went after they were loaded."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    script = Path(__file__).parent.parent / "0004_sweeps.sql"
    op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
