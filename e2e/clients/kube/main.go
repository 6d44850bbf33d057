// Program clients runs one program of ordinary Go clients against a cluster and prints what it saw, as one JSON document
// that is the same on every server that keeps the contract.
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

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// result is what a program saw: facts, no times and no names that the server made.
type result map[string]any

// setting is where a program runs.
type setting struct {
	config    *rest.Config
	client    kubernetes.Interface
	dynamic   dynamic.Interface
	namespace string
}

var programs = map[string]func(context.Context, setting) (result, error){
	"informers":  informers,
	"resume":     resume,
	"order":      order,
	"counter":    counter,
	"leader":     leader,
	"events":     events,
	"apply":      applyPrograms,
	"mapper":     mapper,
	"paging":     paging,
	"rows":       listRows,
	"protobuf":   protobufKinds,
	"reviews":    reviews,
	"deletion":   deletion,
	"controller": controller,
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
	where, err := settingOf(config, *namespace)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	seen, err := program(ctx, where)
	if err != nil {
		return fmt.Errorf("%s: %w", os.Args[1], err)
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}

func settingOf(config *rest.Config, namespace string) (setting, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return setting{}, err
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return setting{}, err
	}
	return setting{config: config, client: client, dynamic: dynamicClient, namespace: namespace}, nil
}
