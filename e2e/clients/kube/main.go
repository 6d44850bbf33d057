// Program clients runs one program of ordinary Go clients against a cluster and prints what it saw, as one JSON document
// that is the same on every server that keeps the contract.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME
package main

import (
	"context"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"quarterdeck.dev/e2e/clients/program"
)

type result = program.Result

// setting is where a program runs: as an administrator, in a namespace of its own.
type setting struct {
	config    *rest.Config
	client    kubernetes.Interface
	dynamic   dynamic.Interface
	namespace string
}

func main() {
	program.Suite[setting]{
		Programs: map[string]func(context.Context, setting) (result, error){
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
		},
		SettingOf: settingOf,
		Patience:  4 * time.Minute,
	}.Main()
}

func settingOf(flags program.Flags) (setting, error) {
	config, err := clientcmd.BuildConfigFromFlags("", flags.Kubeconfig)
	if err != nil {
		return setting{}, err
	}
	config.QPS, config.Burst = -1, -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return setting{}, err
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return setting{}, err
	}
	return setting{config: config, client: client, dynamic: dynamicClient, namespace: flags.Namespace}, nil
}
