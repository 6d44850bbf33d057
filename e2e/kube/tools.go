//go:build tools

// Package kube pins the real Kubernetes that the e2e tier runs members on: the test harness builds these commands with
// `go build` and keeps the binaries in a cache outside the repository.
package kube

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
)
