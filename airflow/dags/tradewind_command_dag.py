"""Runs what the API hands over (`[api.airflow]`): the words of `conf.command`, as the run `conf.run_id`."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from tradewind_cli import TradewindOperator


@dag(
    dag_id="tradewind_command",
    doc_md=__doc__,
    schedule=None,
    params={
        "command": Param(
            ["doctor"], type="array", items={"type": "string"}, description="The words after `tradewind`."
        ),
        "run_id": Param(None, type=["null", "integer"], description="The run that was queued for it."),
    },
    tags=["tradewind"],
)
def tradewind_command() -> None:
    @task
    def asked(params: Any) -> dict[str, Any]:
        """The words with --json among the options, and the run in the environment."""
        words, run_id = list(params["command"]), params["run_id"]
        end = words.index("--") if "--" in words else len(words)
        environ = {} if run_id is None else {"TRADEWIND_RUN_ID": str(run_id)}
        return {"words": [*words[:end], "--json", *words[end:]], "environ": environ}

    # Not tried again: a run is begun once.
    TradewindOperator.partial(task_id="command", retries=0).expand_kwargs([asked()])


tradewind_command()
