// Program clients runs one consumer of the cluster inventory, on the libraries of SIG-Multicluster, and prints what it saw
// as one JSON document.
//
//	clients PROGRAM -kubeconfig FILE -namespace NAME -providers FILE
package main

import (
	"context"
	"flag"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"quarterdeck.dev/e2e/clients/program"
	inventory "sigs.k8s.io/cluster-inventory-api/apis/v1alpha1"
	"sigs.k8s.io/cluster-inventory-api/pkg/access"
)

type result = program.Result

// setting is where a program runs: as a consumer, on the hub, with the profiles of one namespace.
type setting struct {
	hub       *rest.Config
	scheme    *runtime.Scheme
	namespace string
	// Reads the provider file anew: building a connection may change what was read.
	providers func() (*access.Config, error)
}

func main() {
	var providerFile string
	program.Suite[setting]{
		Programs: map[string]func(context.Context, setting) (result, error){
			"access": listThroughEachType,
			"fleet":  followFleet,
		},
		More: func(flags *flag.FlagSet) {
			flags.StringVar(&providerFile, "providers", "clusterprofile-provider-file.json", "the provider file")
		},
		SettingOf: func(flags program.Flags) (setting, error) { return settingOf(flags, providerFile) },
	}.Main()
}

func settingOf(flags program.Flags, providerFile string) (setting, error) {
	config, err := clientcmd.BuildConfigFromFlags("", flags.Kubeconfig)
	if err != nil {
		return setting{}, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, inventory.AddToScheme} {
		if err := add(scheme); err != nil {
			return setting{}, err
		}
	}
	providers := func() (*access.Config, error) { return access.NewFromFile(providerFile) }
	return setting{config, scheme, flags.Namespace, providers}, nil
}
