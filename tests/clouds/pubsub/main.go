// Pub/Sub's own test server as a process: it listens until it is ended.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	host := flag.String("host", "127.0.0.1", "where to listen")
	port := flag.Int("port", 8085, "where to listen")
	flag.Parse()
	server := pstest.NewServerWithAddress(fmt.Sprintf("%s:%d", *host, *port))
	defer server.Close()
	fmt.Println("listening on", server.Addr)
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
}
