package main

import (
	_ "github.com/argoproj/gitops-engine/pkg/cache"
	_ "github.com/argoproj/gitops-engine/pkg/sync"
	_ "github.com/argoproj/gitops-engine/pkg/engine"
	_ "github.com/fluxcd/pkg/ssa"
	_ "sigs.k8s.io/controller-runtime"
	_ "k8s.io/client-go/kubernetes"
)

func main() {}
