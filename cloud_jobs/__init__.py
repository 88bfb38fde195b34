"""One core for every Spark service: what a cluster needs is packed, and one JobRequest becomes each service's own."""
