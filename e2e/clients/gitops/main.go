// Program clients runs the engines of Argo CD and Flux, unmodified, against a cluster and prints what they did, as one JSON
// document that is the same on every server that keeps the contract.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// result is what a program saw: facts, no times and no names that the server made.
type result map[string]any

var programs = map[string]func(context.Context, *rest.Config, string) (result, error){"argo": argo, "flux": flux}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		return fmt.Errorf("which program?")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "of an administrator")
	namespace := flags.String("namespace", "default", "for the program alone")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = -1, -1
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	seen, err := programs[os.Args[1]](ctx, config, *namespace)
	if err != nil {
		return fmt.Errorf("%s: %w", os.Args[1], err)
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}

func object(apiVersion, kind, namespace, name string, rest map[string]any) *unstructured.Unstructured {
	made := &unstructured.Unstructured{Object: map[string]any{"apiVersion": apiVersion, "kind": kind}}
	for key, value := range rest {
		made.Object[key] = value
	}
	made.SetName(name)
	made.SetNamespace(namespace)
	return made
}

func configMap(namespace, name string, data map[string]any) *unstructured.Unstructured {
	return object("v1", "ConfigMap", namespace, name, map[string]any{"data": data})
}

func widget(namespace, name, size string) *unstructured.Unstructured {
	return object("example.com/v1", "Widget", namespace, name, map[string]any{"spec": map[string]any{"size": size}})
}
