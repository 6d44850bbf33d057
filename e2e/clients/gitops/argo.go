package main

import (
	"context"
	"sort"
	"time"

	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/engine"
	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

const mark = "example.com/managed-by"

var maps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// argo fills Argo CD's cache of a whole cluster, and syncs an application from the client's side and from the server's:
// create, nothing to do, change, prune, drift.
func argo(ctx context.Context, where setting) (result, error) {
	config, namespace := where.config, where.namespace
	live, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	clusterCache := cache.NewClusterCache(config,
		cache.SetLogr(logr.Discard()),
		cache.SetListPageSize(5),
		cache.SetPopulateResourceInfoHandler(func(un *unstructured.Unstructured, _ bool) (any, bool) {
			managed := un.GetAnnotations()[mark] == namespace
			return managed, managed
		}),
	)
	runner := engine.NewEngine(config, clusterCache, engine.WithLogr(logr.Discard()))
	stop, err := runner.Run()
	if err != nil {
		return nil, err
	}
	defer stop()

	synced := func(prune, serverSide bool, targets ...*unstructured.Unstructured) (any, error) {
		for _, target := range targets {
			target.SetAnnotations(map[string]string{mark: namespace})
		}
		managed := func(r *cache.Resource) bool { return r.Info == true }
		results, err := runner.Sync(ctx, targets, managed, "revision", namespace,
			sync.WithPrune(prune), sync.WithLogr(logr.Discard()),
			sync.WithServerSideApply(serverSide), sync.WithServerSideApplyManager("argocd-controller"))
		said := []string{}
		for _, each := range results {
			said = append(said, each.ResourceKey.Kind+"/"+each.ResourceKey.Name+": "+string(each.Status)+" "+each.Message)
		}
		sort.Strings(said)
		return said, err
	}
	seen := result{
		"knowsOurs": cached(clusterCache, kube.NewResourceKey("", "Namespace", "", namespace)),
		"parses":    clusterCache.GetGVKParser().Type(schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}) != nil,
	}
	steps := []struct {
		name string
		do   func() (any, error)
	}{
		{"created", func() (any, error) {
			return synced(true, false, configMap(namespace, "a", map[string]any{"k": "1"}), widget(namespace, "w", "small"))
		}},
		{"nothing to do", func() (any, error) {
			return synced(true, false, configMap(namespace, "a", map[string]any{"k": "1"}), widget(namespace, "w", "small"))
		}},
		{"changed and pruned", func() (any, error) {
			return synced(true, false, configMap(namespace, "a", map[string]any{"k": "2"}))
		}},
		{"server side", func() (any, error) {
			return synced(true, true, configMap(namespace, "a", map[string]any{"k": "3"}), configMap(namespace, "b", nil))
		}},
		{"refused", func() (any, error) {
			said, err := synced(false, true, widget(namespace, "bad", "huge"))
			return []any{said, err != nil}, nil
		}},
		{"what is left", func() (any, error) {
			list, err := live.Resource(maps).Namespace(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return nil, err
			}
			left := map[string]any{}
			for _, item := range list.Items {
				if item.GetAnnotations()[mark] != "" {
					left[item.GetName()] = item.Object["data"]
				}
			}
			return left, nil
		}},
		{"differs in a dry run", func() (any, error) { return differs(ctx, clusterCache, live, namespace) }},
	}
	for _, step := range steps {
		if seen[step.name], err = step.do(); err != nil {
			return nil, err
		}
		settle(ctx)
	}
	return seen, nil
}

// settle gives the cache's watches the moment that they need after a sync.
func settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(300 * time.Millisecond):
	}
}

func cached(clusterCache cache.ClusterCache, key kube.ResourceKey) bool {
	return len(clusterCache.FindResources(key.Namespace, func(r *cache.Resource) bool { return r.ResourceKey() == key })) == 1
}

// differs compares by a dry run on the server, as Argo CD does with server-side diff.
func differs(ctx context.Context, clusterCache cache.ClusterCache, live dynamic.Interface, namespace string) (any, error) {
	answers := []any{}
	for _, value := range []string{"3", "4"} {
		target := configMap(namespace, "a", map[string]any{"k": value})
		target.SetAnnotations(map[string]string{mark: namespace})
		present, err := live.Resource(maps).Namespace(namespace).Get(ctx, "a", metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		predicted, err := live.Resource(maps).Namespace(namespace).Apply(ctx, "a", target,
			metav1.ApplyOptions{FieldManager: "argocd-controller", DryRun: []string{metav1.DryRunAll}, Force: true})
		if err != nil {
			return nil, err
		}
		compared, err := diff.Diff(predicted, present, diff.WithLogr(logr.Discard()), diff.WithGVKParser(clusterCache.GetGVKParser()))
		if err != nil {
			return nil, err
		}
		answers = append(answers, compared.Modified)
	}
	return answers, nil
}
