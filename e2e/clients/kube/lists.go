package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/pager"
)

// paging reads a list by pages while others write: one state, everything once.
func paging(ctx context.Context, s setting) (result, error) {
	const objects, page = 1500, 100
	if err := createConfigMaps(ctx, s, objects, func(int) map[string]string { return map[string]string{"paged": "yes"} }); err != nil {
		return nil, err
	}
	busy, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for i := 0; busy.Err() == nil; i++ {
			late := configMap(fmt.Sprintf("b-%05d", i), map[string]string{"paged": "yes"})
			_, _ = s.client.CoreV1().ConfigMaps(s.namespace).Create(busy, late, metav1.CreateOptions{})
			_ = s.client.CoreV1().ConfigMaps(s.namespace).Delete(busy, fmt.Sprintf("c-%05d", i), metav1.DeleteOptions{})
		}
	}()
	names, pages, versions := map[string]int{}, 0, map[string]bool{}
	options := metav1.ListOptions{LabelSelector: "paged", Limit: page}
	for {
		list, err := s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, options)
		if err != nil {
			return nil, err
		}
		pages++
		versions[list.ResourceVersion] = true
		for _, item := range list.Items {
			names[item.Name]++
		}
		if options.Continue = list.Continue; options.Continue == "" {
			break
		}
	}
	cancel()
	once := true
	for _, times := range names {
		once = once && times == 1
	}
	// What was there at the first page is there whole: as many went as came, one write apart.
	whole := len(names) >= objects-1 && len(names) <= objects+1
	seen := 0
	err := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) {
		return s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, options)
	})).EachListItem(ctx, metav1.ListOptions{LabelSelector: "paged"}, func(runtime.Object) error {
		seen++
		return nil
	})
	return result{
		"manyPages": pages >= objects/page, "versions": len(versions), "once": once, "whole": whole,
		"pager": outcome(err), "pagerSees": seen >= objects-1 && seen <= objects+1,
	}, nil
}

// listRows asks for every combination of revision and match, and says which state came, or which error.
func listRows(ctx context.Context, s setting) (result, error) {
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	before, err := maps.Create(ctx, configMap("row-1", map[string]string{"row": "y"}), metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := maps.Create(ctx, configMap("row-2", map[string]string{"row": "y"}), metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	exact, notOlder := metav1.ResourceVersionMatchExact, metav1.ResourceVersionMatchNotOlderThan
	rv := before.ResourceVersion
	yes := true
	rows := []struct {
		name    string
		options metav1.ListOptions
	}{
		{"unset", metav1.ListOptions{}},
		{"unset, limit", metav1.ListOptions{Limit: 1}},
		{"0", metav1.ListOptions{ResourceVersion: "0"}},
		{"0 NotOlderThan", metav1.ListOptions{ResourceVersion: "0", ResourceVersionMatch: notOlder}},
		{"N", metav1.ListOptions{ResourceVersion: rv}},
		{"N, limit", metav1.ListOptions{ResourceVersion: rv, Limit: 5}},
		{"N NotOlderThan", metav1.ListOptions{ResourceVersion: rv, ResourceVersionMatch: notOlder}},
		{"N NotOlderThan, limit", metav1.ListOptions{ResourceVersion: rv, ResourceVersionMatch: notOlder, Limit: 5}},
		{"N Exact", metav1.ListOptions{ResourceVersion: rv, ResourceVersionMatch: exact}},
		{"N Exact, limit", metav1.ListOptions{ResourceVersion: rv, ResourceVersionMatch: exact, Limit: 5}},
		{"0 Exact", metav1.ListOptions{ResourceVersion: "0", ResourceVersionMatch: exact}},
		{"unset Exact", metav1.ListOptions{ResourceVersionMatch: exact}},
		{"unset NotOlderThan", metav1.ListOptions{ResourceVersionMatch: notOlder}},
		{"unknown match", metav1.ListOptions{ResourceVersion: rv, ResourceVersionMatch: "Sometimes"}},
		{"word", metav1.ListOptions{ResourceVersion: "word"}},
		{"sendInitialEvents", metav1.ListOptions{SendInitialEvents: &yes}},
		{"bad token", metav1.ListOptions{Continue: "bad", Limit: 1}},
		{"bad label selector", metav1.ListOptions{LabelSelector: "a in"}},
		{"bad field selector", metav1.ListOptions{FieldSelector: "data.k=v"}},
	}
	seen := result{}
	for _, row := range rows {
		if row.options.LabelSelector == "" {
			row.options.LabelSelector = "row"
		}
		list, err := maps.List(ctx, row.options)
		if err != nil {
			seen[row.name] = outcome(err)
			continue
		}
		seen[row.name] = namesOf(list.Items)
	}
	return seen, ahead(ctx, s, seen)
}

// ahead asks for a revision that no server has yet: it waits, then says so.
func ahead(ctx context.Context, s setting, seen result) error {
	began := time.Now()
	options := metav1.ListOptions{
		ResourceVersion: "9000000000000000000", ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	}
	// Once: the client would ask again, ten times, as it is told to.
	err := s.client.CoreV1().RESTClient().Get().Namespace(s.namespace).Resource("configmaps").
		VersionedParams(&options, scheme.ParameterCodec).MaxRetries(0).Do(ctx).Error()
	seen["ahead"] = outcome(err)
	seen["aheadWaits"] = time.Since(began) > time.Second
	return nil
}

func namesOf(items []corev1.ConfigMap) string {
	names := make([]string, 0, len(items))
	for _, item := range items {
		names = append(names, item.Name)
	}
	return strings.Join(names, " ")
}
