package main

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	inventory "sigs.k8s.io/cluster-inventory-api/apis/v1alpha1"
	"sigs.k8s.io/cluster-inventory-api/pkg/access"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// listThroughEachType lists the pods of every member through every access type that both its profile and the provider
// file know: the names, or why it did not work.
func listThroughEachType(ctx context.Context, s setting) (result, error) {
	hub, err := client.New(s.hub, client.Options{Scheme: s.scheme})
	if err != nil {
		return nil, err
	}
	var profiles inventory.ClusterProfileList
	if err := hub.List(ctx, &profiles, client.InNamespace(s.namespace)); err != nil {
		return nil, err
	}
	seen := result{}
	for i := range profiles.Items {
		profile := &profiles.Items[i]
		byType := map[string]any{}
		for _, offered := range profile.Status.AccessProviders {
			pods, err := podsThrough(ctx, s, profile, offered.Name)
			if err != nil {
				byType[offered.Name] = err.Error()
				continue
			}
			byType[offered.Name] = pods
		}
		seen[profile.Name] = byType
	}
	return seen, nil
}

// podsThrough lists the pods of the namespace default by one access type, as if the consumer knew no other.
func podsThrough(ctx context.Context, s setting, profile *inventory.ClusterProfile, name string) ([]string, error) {
	file, err := s.providers()
	if err != nil {
		return nil, err
	}
	only := slices.DeleteFunc(file.Providers, func(each access.Provider) bool { return each.Name != name })
	config, err := access.New(only).BuildConfigFromCP(profile)
	if err != nil {
		return nil, err
	}
	member, err := client.New(config, client.Options{Scheme: s.scheme})
	if err != nil {
		return nil, fmt.Errorf("no client: %w", err)
	}
	var pods corev1.PodList
	if err := member.List(ctx, &pods, client.InNamespace("default")); err != nil {
		return nil, err
	}
	names := []string{}
	for _, pod := range pods.Items {
		names = append(names, pod.Name)
	}
	slices.Sort(names)
	return names, nil
}
