package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycoordinationv1 "k8s.io/client-go/applyconfigurations/coordination/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	applyrbacv1 "k8s.io/client-go/applyconfigurations/rbac/v1"
)

// applyPrograms applies typed configurations: extract, modify, apply; conflicts, force, removal; writes of nothing.
func applyPrograms(ctx context.Context, s setting) (result, error) {
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	mine := metav1.ApplyOptions{FieldManager: "mine"}
	first := applycorev1.ConfigMap("a", s.namespace).WithData(map[string]string{"x": "1", "y": "1"}).
		WithLabels(map[string]string{"by": "mine"})
	object, err := maps.Apply(ctx, first, mine)
	if err != nil {
		return nil, err
	}
	revision := object.ResourceVersion
	unchanged := true
	for range 100 {
		object, err = maps.Apply(ctx, first, mine)
		if err != nil {
			return nil, err
		}
		unchanged = unchanged && object.ResourceVersion == revision
	}
	extracted, err := applycorev1.ExtractConfigMap(object, "mine")
	if err != nil {
		return nil, err
	}
	delete(extracted.Data, "y")
	extracted.WithData(map[string]string{"z": "1"})
	object, err = maps.Apply(ctx, extracted, mine)
	if err != nil {
		return nil, err
	}
	other := applycorev1.ConfigMap("a", s.namespace).WithData(map[string]string{"x": "2", "z": "2", "w": "2"})
	_, conflict := maps.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "other"})
	forced, err := maps.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "other", Force: true})
	if err != nil {
		return nil, err
	}
	secret, err := s.client.CoreV1().Secrets(s.namespace).Apply(ctx,
		applycorev1.Secret("s", s.namespace).WithStringData(map[string]string{"p": "q"}), mine)
	if err != nil {
		return nil, err
	}
	lease, err := s.client.CoordinationV1().Leases(s.namespace).Apply(ctx,
		applycoordinationv1.Lease("l", s.namespace).WithSpec(applycoordinationv1.LeaseSpec().
			WithHolderIdentity("me").WithLeaseDurationSeconds(7)), mine)
	if err != nil {
		return nil, err
	}
	role, err := roles(ctx, s, mine)
	if err != nil {
		return nil, err
	}
	return result{
		"noOpsChangeNothing": unchanged,
		"removed":            object.Data,
		"conflict":           causes(conflict),
		"forced":             []any{forced.Data, owners(forced.ManagedFields)},
		"secret":             []any{string(secret.Data["p"]), secret.Type, owners(secret.ManagedFields)},
		"lease":              []any{*lease.Spec.HolderIdentity, owners(lease.ManagedFields)},
		"role":               role,
	}, nil
}

// roles applies rules, which are replaced as a whole.
func roles(ctx context.Context, s setting, options metav1.ApplyOptions) (any, error) {
	rule := func(resource string) *applyrbacv1.PolicyRuleApplyConfiguration {
		return applyrbacv1.PolicyRule().WithAPIGroups("").WithResources(resource).WithVerbs("get")
	}
	api := s.client.RbacV1().Roles(s.namespace)
	if _, err := api.Apply(ctx, applyrbacv1.Role("r", s.namespace).WithRules(rule("secrets"), rule("pods")), options); err != nil {
		return nil, err
	}
	role, err := api.Apply(ctx, applyrbacv1.Role("r", s.namespace).WithRules(rule("configmaps")), options)
	if err != nil {
		return nil, err
	}
	return []any{rules(role), owners(role.ManagedFields)}, nil
}

func rules(role *rbacv1.Role) (resources []string) {
	for _, rule := range role.Rules {
		resources = append(resources, rule.Resources...)
	}
	return resources
}

var _ = coordinationv1.Lease{} // the kind that leader election writes

// causes lists what a failure names, cause by cause.
func causes(err error) any {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return fmt.Sprint(err)
	}
	details := []any{status.Status().Reason, status.Status().Message}
	for _, cause := range status.Status().Details.Causes {
		details = append(details, []any{cause.Type, cause.Field, cause.Message})
	}
	return details
}

// owners lists who owns what, without times.
func owners(entries []metav1.ManagedFieldsEntry) (owned []any) {
	for _, entry := range entries {
		owned = append(owned, []any{entry.Manager, entry.Operation, entry.Subresource, json.RawMessage(entry.FieldsV1.Raw)})
	}
	return owned
}
