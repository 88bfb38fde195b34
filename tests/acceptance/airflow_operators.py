"""Run by Airflow's own Python: each kind's request, read from stdin, becomes its provider's operator."""

import json
import sys
import warnings
from importlib import import_module
from pathlib import Path

warnings.simplefilter("ignore")  # of the providers' own imports
sys.path.insert(0, str(Path(__file__).parents[2] / "airflow" / "dags"))

targets = import_module("tradewind_targets")

told = {}
for kind, answer in json.load(sys.stdin).items():
    way = targets.WAYS[kind]
    operator = getattr(import_module(f"airflow.providers.{way.module}"), way.operator)
    made = operator(
        task_id="load",
        **{way.connection: "tradewind_x"},
        **way.always,
        **way.told(answer["request"], answer["settings"]),
    )
    fields = {name: getattr(made, name, None) for name in made.template_fields}
    if kind == "synapse":
        fields["payload"] = made.payload.serialize()
    told[kind] = {"operator": type(made).__name__, "deferrable": getattr(made, "deferrable", False), "fields": fields}
sys.stdout.write("\n" + json.dumps(told, default=str) + "\n")
