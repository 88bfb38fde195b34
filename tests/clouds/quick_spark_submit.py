"""`spark-submit` for tests that submit often: makes the driver's pod as Spark does, without a Java.

That Spark itself makes such a pod is what tests/integration/test_kubernetes_submit.py is for.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path

import yaml


def main(words: list[str]) -> int:
    conf = dict(value.split("=", 1) for name, value in pairwise(words) if name == "--conf")
    label = "spark.kubernetes.driver.label."
    labels = {name.removeprefix(label): value for name, value in conf.items() if name.startswith(label)}
    name, image = conf["spark.kubernetes.driver.pod.name"], conf["spark.kubernetes.container.image"]
    containers = [{"name": "spark-kubernetes-driver", "image": image}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"restartPolicy": "Never", "containers": containers},
    }
    return _post(f"/api/v1/namespaces/{conf['spark.kubernetes.namespace']}/pods", pod)


def _post(path: str, body: object) -> int:
    config = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    server, token = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(server + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10):
            return 0
    except urllib.error.HTTPError as refused:
        print(f"{refused.code}: {refused.read().decode()}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
