// Program argocd is the parts of Argo CD that deliver to clusters, unmodified, in one binary: the first argument names the
// part, and its own flags follow. Beside them is the Redis in memory that Argo CD's own tests run on.
//
//	argocd applicationset-controller | application-controller | repo-server [FLAGS]
//	argocd redis ADDRESS
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alicebob/miniredis/v2"
	application "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/argoproj/argo-cd/v3/util/askpass"
	"github.com/spf13/cobra"
)

var parts = map[string]func() *cobra.Command{
	"applicationset-controller": applicationset.NewCommand,
	"application-controller":    application.NewCommand,
	"repo-server":               repoServer,
	"redis":                     redis,
}

func main() {
	if len(os.Args) < 2 || parts[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "which part of Argo CD?")
		os.Exit(2)
	}
	command := parts[os.Args[1]]()
	command.SetArgs(os.Args[2:])
	if err := command.Execute(); err != nil {
		os.Exit(1)
	}
}

// repoServer listens for Git's questions below its own directory, so that two can run on one machine.
func repoServer() *cobra.Command {
	askpass.SocketPath = "ask-pass.sock"
	return reposerver.NewCommand()
}

func redis() *cobra.Command {
	return &cobra.Command{
		Use:  "redis ADDRESS",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			server := miniredis.NewMiniRedis()
			if err := server.StartAddr(args[0]); err != nil {
				return err
			}
			defer server.Close()
			stop := make(chan os.Signal, 1)
			signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
			<-stop
			return nil
		},
	}
}
