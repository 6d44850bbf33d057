// Program clients runs one consumer of the cluster inventory, on the libraries of SIG-Multicluster, and prints what it saw
// as one JSON document.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME -providers FILE
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	inventory "sigs.k8s.io/cluster-inventory-api/apis/v1alpha1"
	"sigs.k8s.io/cluster-inventory-api/pkg/access"
)

// result is what a program saw.
type result map[string]any

// setting is where a program runs.
type setting struct {
	hub       *rest.Config
	scheme    *runtime.Scheme
	namespace string
	// Reads the provider file anew: building a connection may change what was read.
	providers func() (*access.Config, error)
}

var programs = map[string]func(context.Context, setting) (result, error){
	"access": listThroughEachType,
	"fleet":  followFleet,
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 {
		return fmt.Errorf("which program?")
	}
	program, ok := programs[os.Args[1]]
	if !ok {
		return fmt.Errorf("no program %q", os.Args[1])
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "of the consumer, on the hub")
	namespace := flags.String("namespace", "default", "where the profiles are")
	providerFile := flags.String("providers", "clusterprofile-provider-file.json", "the provider file")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, inventory.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	providers := func() (*access.Config, error) { return access.NewFromFile(*providerFile) }
	seen, err := program(context.Background(), setting{config, scheme, *namespace, providers})
	if err != nil {
		return fmt.Errorf("%s: %w", os.Args[1], err)
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}
