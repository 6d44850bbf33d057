// Command kubelet-stub answers what an API server asks of a kubelet when somebody runs a command in a container, attaches to
// it, or forwards a port: by the kubelet's own stream protocols, with programs of its own instead of containers.
//
//	exec  cat           what comes in goes out
//	exec  say WORD...   the words on standard output, "said" on standard error
//	exec  exit CODE     ends with that code
//	exec  size          with a terminal: its first size, WIDTHxHEIGHT
//	attach              "attached", then what comes in goes out
//	portForward         each connection: the port and a colon, then what comes in goes out
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	constants "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/portforward"
	streamed "k8s.io/kubelet/pkg/cri/streaming/remotecommand"
	"k8s.io/utils/exec"
)

const (
	idle     = 4 * time.Hour
	creation = 30 * time.Second
)

func main() {
	certificate := flag.String("cert", "", "serving certificate, PEM")
	key := flag.String("key", "", "its key, PEM")
	port := flag.Int("port", 10250, "on loopback")
	flag.Parse()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(*port))
	log.Fatal(http.ListenAndServeTLS(address, *certificate, *key, http.HandlerFunc(serve)))
}

// serve knows the paths of a kubelet: /exec/NAMESPACE/POD/CONTAINER, /attach/..., /portForward/NAMESPACE/POD.
func serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 3 {
		http.NotFound(w, r)
		return
	}
	pod, container := parts[2], ""
	if len(parts) > 3 {
		container = parts[3]
	}
	remote := func() *streamed.Options {
		options, err := streamed.NewOptions(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		return options
	}
	protocols := constants.SupportedStreamingProtocols
	switch parts[0] {
	case "exec":
		if options := remote(); options != nil {
			command := r.URL.Query()["command"]
			streamed.ServeExec(w, r, containers{}, pod, "", container, command, options, idle, creation, protocols)
		}
	case "attach":
		if options := remote(); options != nil {
			streamed.ServeAttach(w, r, containers{}, pod, "", container, options, idle, creation, protocols)
		}
	case "portForward":
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(w, r, containers{}, pod, "", options, idle, creation, portforward.SupportedProtocols)
	default:
		http.NotFound(w, r)
	}
}

type containers struct{}

func (containers) ExecInContainer(
	_ context.Context, _ string, _ types.UID, _ string, command []string,
	in io.Reader, out, errs io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	program, args := command[0], command[1:]
	switch program {
	case "cat":
		_, err := io.Copy(out, in)
		return err
	case "say":
		fmt.Fprintln(out, strings.Join(args, " "))
		fmt.Fprintln(errs, "said")
		return nil
	case "exit":
		code, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return exec.CodeExitError{Err: fmt.Errorf("exit %d", code), Code: code}
	case "size":
		size := <-resize
		_, err := fmt.Fprintf(out, "%dx%d\n", size.Width, size.Height)
		return err
	}
	return fmt.Errorf("no program %q", program)
}

func (containers) AttachContainer(
	_ context.Context, _ string, _ types.UID, _ string,
	in io.Reader, out, _ io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize,
) error {
	fmt.Fprintln(out, "attached")
	if in == nil {
		return nil
	}
	_, err := io.Copy(out, in)
	return err
}

func (containers) PortForward(
	_ context.Context, _ string, _ types.UID, port int32, stream io.ReadWriteCloser,
) error {
	defer stream.Close()
	fmt.Fprintf(stream, "%d:", port)
	_, err := io.Copy(stream, stream)
	return err
}
