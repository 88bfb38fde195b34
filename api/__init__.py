"""The API: what landed, what did not and why, over HTTP and live over Socket.IO. It never imports Spark."""
