package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
)

// mapper resolves kinds and short names through discovery, also those of a definition seconds old.
func mapper(ctx context.Context, s setting) (result, error) {
	client, err := discovery.NewDiscoveryClientForConfig(s.config)
	if err != nil {
		return nil, err
	}
	cached := memory.NewMemCacheClient(client)
	lazy := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	lists, err := client.ServerPreferredResources()
	if err != nil {
		return nil, err
	}
	unresolved := []string{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, resource := range list.APIResources {
			if _, err := lazy.RESTMapping(version.WithKind(resource.Kind).GroupKind(), version.Version); err != nil {
				unresolved = append(unresolved, resource.Kind)
			}
		}
	}
	expander := restmapper.NewShortcutExpander(lazy, cached, func(string) {})
	expanded := []string{}
	for _, short := range []string{"cm", "ns", "sa", "crd", "wd", "csr", "quota"} {
		resource, err := expander.ResourceFor(schema.GroupVersionResource{Resource: short})
		if err != nil {
			return nil, err
		}
		expanded = append(expanded, resource.GroupResource().String())
	}

	young := schema.GroupKind{Group: "young.example.com", Kind: "Gadget"}
	if _, err := lazy.RESTMapping(young); err == nil {
		return result{"young": "known before its definition"}, nil
	}
	crds := s.dynamic.Resource(schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	})
	if _, err := crds.Create(ctx, gadgets(), metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	found := eventually(ctx, 10*time.Second, func() bool {
		lazy.Reset()
		_, err := lazy.RESTMapping(young)
		return err == nil
	})
	mapping, err := lazy.RESTMapping(young)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "young.example.com/v1", "kind": "Gadget", "metadata": map[string]any{"generateName": "g-"},
	}}
	made, err := s.dynamic.Resource(mapping.Resource).Create(ctx, object, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	if err := crds.Delete(ctx, "gadgets.young.example.com", metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	gone := eventually(ctx, 20*time.Second, func() bool {
		lazy.Reset()
		_, err := lazy.RESTMapping(young)
		return err != nil
	})
	return result{
		"unresolved": unresolved, "expanded": expanded, "youngFound": found, "scope": mapping.Scope.Name(),
		"generation": made.GetGeneration(), "youngGone": gone,
	}, nil
}

func gadgets() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "gadgets.young.example.com"},
		"spec": map[string]any{
			"group": "young.example.com", "scope": "Cluster",
			"names": map[string]any{"plural": "gadgets", "kind": "Gadget"},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object"}},
			}},
		},
	}}
}
