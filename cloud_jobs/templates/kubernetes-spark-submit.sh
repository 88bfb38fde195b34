#!/bin/sh
# Written by `python -m cloud_jobs.template_files` from what `tradewind submit` sends.
spark-submit --master k8s://https://replace-api-server:6443 --deploy-mode cluster --name tradewind-backfill \
    --conf spark.kubernetes.namespace=default \
    --conf spark.kubernetes.driver.pod.name=tradewind-backfill-driver \
    --conf spark.kubernetes.container.image=replace-registry/spark:4.3.0 \
    --conf spark.kubernetes.container.image.pullPolicy=IfNotPresent \
    --conf spark.kubernetes.authenticate.driver.serviceAccountName=spark \
    --conf spark.kubernetes.submission.waitAppCompletion=false \
    --conf spark.kubernetes.driver.label.app.kubernetes.io/name=tradewind \
    --conf spark.kubernetes.driver.label.tradewind/job=tradewind-backfill \
    --conf spark.app.name=tradewind-backfill \
    --conf 'spark.archives=s3a://replace-jobs/tradewind/environment.tar.gz#environment' \
    --conf spark.executorEnv.PYTHONPATH=environment \
    --conf spark.driver.cores=1 \
    --conf spark.driver.memory=2048m \
    --conf spark.executor.instances=2 \
    --conf spark.executor.cores=1 \
    --conf spark.executor.memory=2048m \
    --conf spark.kubernetes.driver.secretKeyRef.PGPASSWORD=tradewind-db:password \
    --conf spark.kubernetes.executor.secretKeyRef.PGPASSWORD=tradewind-db:password \
    s3a://replace-jobs/tradewind/tradewind_job.py --environment=environment -- backfill spot
