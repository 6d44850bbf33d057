package main

import (
	"context"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/go-logr/logr"
)

// flux applies with Flux's engine: stages, drift, the fields of kubectl taken over, waits, prunes.
func flux(ctx context.Context, where setting) (result, error) {
	config, namespace := where.config, where.namespace
	log.SetLogger(logr.Discard())
	kube, err := client.New(config, client.Options{})
	if err != nil {
		return nil, err
	}
	live, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	poller := polling.NewStatusPoller(kube, kube.RESTMapper(), polling.Options{})
	manager := ssa.NewResourceManager(kube, poller, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})
	options := ssa.DefaultApplyOptions()
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations:   []string{"kubectl.kubernetes.io/last-applied-configuration"},
		FieldManagers: []ssa.FieldManager{{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate}},
	}
	applied := func(objects ...*unstructured.Unstructured) (any, error) {
		changes, err := manager.ApplyAllStaged(ctx, objects, options)
		if err != nil {
			return err.Error(), nil
		}
		said := map[string]string{}
		for _, entry := range changes.Entries {
			said[entry.Subject] = string(entry.Action)
		}
		return said, nil
	}
	inside := namespace + "-in"
	all := func(value, size string) []*unstructured.Unstructured {
		return []*unstructured.Unstructured{
			configMap(inside, "a", map[string]any{"k": value}),
			widget(inside, "w", size),
			object("v1", "Namespace", "", inside, nil),
			object("rbac.authorization.k8s.io/v1", "Role", inside, "r", map[string]any{"rules": []any{}}),
		}
	}
	seen := result{}
	if seen["created"], err = applied(all("1", "small")...); err != nil {
		return nil, err
	}
	if seen["unchanged"], err = applied(all("1", "small")...); err != nil {
		return nil, err
	}
	if seen["configured"], err = applied(all("2", "large")...); err != nil {
		return nil, err
	}
	if seen["refused"], err = applied(widget(inside, "x", "huge")); err != nil {
		return nil, err
	}
	// Drift: kubectl changes a field and adds one; the next apply takes both back.
	patch := []byte(`{"data":{"k":"drifted","more":"1"},"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"}}}`)
	if _, err := live.Resource(maps).Namespace(inside).Patch(ctx, "a", "application/merge-patch+json", patch,
		metav1.PatchOptions{FieldManager: "kubectl"}); err != nil {
		return nil, err
	}
	entry, _, _, err := manager.Diff(ctx, configMap(inside, "a", map[string]any{"k": "2"}), ssa.DefaultDiffOptions())
	if err != nil {
		return nil, err
	}
	seen["drift"] = string(entry.Action)
	if seen["taken back"], err = applied(configMap(inside, "a", map[string]any{"k": "2"})); err != nil {
		return nil, err
	}
	after, err := live.Resource(maps).Namespace(inside).Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	owners := []string{}
	for _, field := range after.GetManagedFields() {
		owners = append(owners, field.Manager+" "+string(field.Operation))
	}
	seen["after drift"] = []any{after.Object["data"], after.GetAnnotations(), owners}
	if err := manager.Wait(all("2", "large"), ssa.WaitOptions{Interval: 100 * time.Millisecond, Timeout: 20 * time.Second}); err != nil {
		return nil, err
	}
	changes, err := manager.DeleteAll(ctx, all("2", "large"), ssa.DefaultDeleteOptions())
	if err != nil {
		return nil, err
	}
	deleted := map[string]string{}
	for _, entry := range changes.Entries {
		deleted[entry.Subject] = string(entry.Action)
	}
	seen["deleted"] = deleted
	gone := manager.WaitForTermination(all("2", "large"), ssa.WaitOptions{Interval: 100 * time.Millisecond, Timeout: 30 * time.Second})
	seen["gone"] = gone == nil
	return seen, nil
}
