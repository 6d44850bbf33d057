// Program clients runs the engines of Argo CD and Flux, unmodified, against a cluster and prints what they did, as one JSON
// document that is the same on every server that keeps the contract.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME
package main

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"quarterdeck.dev/e2e/clients/program"
)

type result = program.Result

// setting is where an engine runs: as an administrator, in a namespace of its own.
type setting struct {
	config    *rest.Config
	namespace string
}

func main() {
	program.Suite[setting]{
		Programs:  map[string]func(context.Context, setting) (result, error){"argo": argo, "flux": flux},
		SettingOf: settingOf,
		Patience:  3 * time.Minute,
	}.Main()
}

func settingOf(flags program.Flags) (setting, error) {
	config, err := clientcmd.BuildConfigFromFlags("", flags.Kubeconfig)
	if err != nil {
		return setting{}, err
	}
	config.QPS, config.Burst = -1, -1
	return setting{config, flags.Namespace}, nil
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
