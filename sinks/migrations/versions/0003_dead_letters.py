"""Messages that nobody could read."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    script = Path(__file__).parent.parent / "0003_dead_letters.sql"
    op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
