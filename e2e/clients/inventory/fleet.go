package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	inventory "sigs.k8s.io/cluster-inventory-api/apis/v1alpha1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	mcbuilder "sigs.k8s.io/multicluster-runtime/pkg/builder"
	"sigs.k8s.io/multicluster-runtime/pkg/clusters"
	mcmanager "sigs.k8s.io/multicluster-runtime/pkg/manager"
	"sigs.k8s.io/multicluster-runtime/pkg/multicluster"
	mcreconcile "sigs.k8s.io/multicluster-runtime/pkg/reconcile"
)

// fleetProvider engages the members of the inventory: those whose control plane is healthy, for as long as their profile
// exists.
type fleetProvider struct {
	clusters.Clusters[cluster.Cluster]
	setting
	hub   client.Client
	ready chan struct{}
	aware multicluster.Aware
	life  context.Context
}

// Start is called by the multicluster manager; the profiles come through reconcile, by the manager of the hub.
func (p *fleetProvider) Start(ctx context.Context, aware multicluster.Aware) error {
	p.life, p.aware = ctx, aware
	close(p.ready)
	<-ctx.Done()
	return nil
}

func (p *fleetProvider) reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	select {
	case <-p.ready:
	case <-ctx.Done():
		return ctrl.Result{}, ctx.Err()
	}
	name := multicluster.ClusterName(request.String())
	var profile inventory.ClusterProfile
	if err := p.hub.Get(ctx, request.NamespacedName, &profile); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, err
		}
		p.Remove(name)
		say("left %s", name)
		return ctrl.Result{}, nil
	}
	if _, err := p.Get(ctx, name); err == nil {
		return ctrl.Result{}, nil
	}
	if !meta.IsStatusConditionTrue(profile.Status.Conditions, inventory.ClusterConditionControlPlaneHealthy) {
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	file, err := p.providers()
	if err != nil {
		return ctrl.Result{}, err
	}
	config, err := file.BuildConfigFromCP(&profile)
	if err != nil {
		say("waiting for %s: %v", name, err)
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	member, err := cluster.New(config, func(options *cluster.Options) { options.Scheme = p.scheme })
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := p.Add(p.life, name, member, p.aware); err != nil {
		return ctrl.Result{}, err
	}
	say("engaged %s", name)
	return ctrl.Result{}, nil
}

// followFleet runs a multicluster controller over the ConfigMaps named "followed" until it is told "done". It says which
// members come and leave and what it sees of them; its result is the last value seen of each member.
func followFleet(ctx context.Context, s setting) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ctrl.SetLogger(logr.Discard())
	hub, err := ctrl.NewManager(s.hub, ctrl.Options{
		Scheme:  s.scheme,
		Cache:   cache.Options{DefaultNamespaces: map[string]cache.Config{s.namespace: {}}},
		Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, err
	}
	provider := &fleetProvider{
		Clusters: clusters.New[cluster.Cluster](), setting: s, hub: hub.GetClient(), ready: make(chan struct{}),
	}
	err = ctrl.NewControllerManagedBy(hub).Named("profiles").For(&inventory.ClusterProfile{}).Complete(
		reconcileFunc(provider.reconcile))
	if err != nil {
		return nil, err
	}
	manager, err := mcmanager.WithMultiCluster(hub, provider)
	if err != nil {
		return nil, err
	}
	seen := &lastSeen{values: result{}}
	err = mcbuilder.ControllerManagedBy(manager).Named("followed").For(&corev1.ConfigMap{}).Complete(
		mcreconcile.Func(func(ctx context.Context, request mcreconcile.Request) (ctrl.Result, error) {
			return seen.look(ctx, manager, request)
		}))
	if err != nil {
		return nil, err
	}
	names := []string{}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for input := bufio.NewScanner(os.Stdin); input.Scan() && input.Text() != "done"; {
		}
		// Before the end, which disengages them all.
		for _, name := range provider.ClusterNames() {
			names = append(names, name.String())
		}
		cancel()
	}()
	if err := manager.Start(ctx); err != nil {
		return nil, err
	}
	<-told
	return result{"engaged": names, "values": seen.values}, nil
}

type lastSeen struct {
	lock   sync.Mutex
	values result
}

func (l *lastSeen) look(
	ctx context.Context, manager mcmanager.Manager, request mcreconcile.Request,
) (ctrl.Result, error) {
	if request.Name != "followed" || request.ClusterName.Empty() {
		return ctrl.Result{}, nil
	}
	member, err := manager.GetCluster(ctx, request.ClusterName)
	if err != nil {
		return ctrl.Result{}, err
	}
	var object corev1.ConfigMap
	if err := member.GetClient().Get(ctx, request.NamespacedName, &object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	l.values[request.ClusterName.String()] = object.Data["value"]
	say("saw %s of %s", object.Data["value"], request.ClusterName)
	return ctrl.Result{}, nil
}

type reconcileFunc func(context.Context, ctrl.Request) (ctrl.Result, error)

func (f reconcileFunc) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return f(ctx, request)
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
