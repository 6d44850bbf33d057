package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic/dynamicinformer"
	kubeinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const many = 2000

// informers fills caches of every kind over one connection, and counts what they asked.
func informers(ctx context.Context, s setting) (result, error) {
	labels := func(i int) map[string]string { return map[string]string{"part": strconv.Itoa(i % 4)} }
	if err := createConfigMaps(ctx, s, many, labels); err != nil {
		return nil, err
	}
	for i := range 3 {
		widget := newWidget(fmt.Sprintf("w-%d", i), map[string]any{"size": "small"})
		if _, err := s.dynamic.Resource(widgets).Namespace(s.namespace).Create(ctx, widget, metav1.CreateOptions{}); err != nil {
			return nil, err
		}
	}
	var seen requests
	config := rest.CopyConfig(s.config)
	config.Wrap(seen.wrap)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := func(tweak func(*metav1.ListOptions)) cache.SharedIndexInformer {
		made := kubeinformers.NewSharedInformerFactoryWithOptions(client, time.Second,
			kubeinformers.WithNamespace(s.namespace), kubeinformers.WithTweakListOptions(tweak))
		return made.Core().V1().ConfigMaps().Informer()
	}
	whole := factory(func(*metav1.ListOptions) {})
	labelled := factory(func(o *metav1.ListOptions) { o.LabelSelector = "part in (1,2)" })
	one := factory(func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector("metadata.name", "c-00007").String()
	})
	var resyncs atomic.Int64
	if _, err := whole.AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(before, after any) {
		if before.(*corev1.ConfigMap).ResourceVersion == after.(*corev1.ConfigMap).ResourceVersion {
			resyncs.Add(1)
		}
	}}); err != nil {
		return nil, err
	}
	metadataClient, err := metadata.NewForConfig(s.config)
	if err != nil {
		return nil, err
	}
	onlyMetadata := metadatainformer.NewFilteredSharedInformerFactory(metadataClient, 0, s.namespace, nil).
		ForResource(corev1.SchemeGroupVersion.WithResource("configmaps")).Informer()
	custom := dynamicinformer.NewFilteredDynamicSharedInformerFactory(s.dynamic, 0, s.namespace, nil).ForResource(widgets).Informer()

	all := []cache.SharedIndexInformer{whole, labelled, one, onlyMetadata, custom}
	for _, informer := range all {
		go informer.Run(ctx.Done())
	}
	began := time.Now()
	for _, informer := range all {
		if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
			return nil, fmt.Errorf("a cache did not fill")
		}
	}
	inTime := time.Since(began) < 20*time.Second
	equal, err := equalsList(ctx, s, whole)
	if err != nil {
		return nil, err
	}
	if err := s.client.CoreV1().ConfigMaps(s.namespace).Delete(ctx, "c-00007", metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	gone := eventually(ctx, 10*time.Second, func() bool {
		return len(one.GetStore().List()) == 0 && len(onlyMetadata.GetStore().List()) == many
	})
	return result{
		"syncedInTime": inTime, "equalsList": equal, "labelled": len(labelled.GetStore().List()),
		"custom": len(custom.GetStore().List()), "deletionSeen": gone,
		"resyncs": eventually(ctx, 20*time.Second, func() bool { return resyncs.Load() >= many }),
		"lists":   seen.lists.Load(), "watchLists": seen.watchLists.Load(),
	}, nil
}

// equalsList is whether a cache holds exactly what a list answers.
func equalsList(ctx context.Context, s setting, informer cache.SharedIndexInformer) (bool, error) {
	list, err := s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	return eventually(ctx, 10*time.Second, func() bool {
		if len(informer.GetStore().List()) != len(list.Items) {
			return false
		}
		for i := range list.Items {
			item, exists, _ := informer.GetStore().Get(&list.Items[i])
			if !exists || item.(*corev1.ConfigMap).ResourceVersion != list.Items[i].ResourceVersion {
				return false
			}
		}
		return true
	}), nil
}

// resume keeps a cache and writers going while the server is taken down and up again: a line on standard input says that
// it is up for good; standard error tells how many writes went through. Each object's revisions must rise, and the cache must end as the server is, without a second list.
func resume(ctx context.Context, s setting) (result, error) {
	const objects = 10
	if err := createConfigMaps(ctx, s, objects, func(int) map[string]string { return nil }); err != nil {
		return nil, err
	}
	var seen requests
	config := rest.CopyConfig(s.config)
	config.Wrap(seen.wrap)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	informer := kubeinformers.NewSharedInformerFactoryWithOptions(client, 0, kubeinformers.WithNamespace(s.namespace)).
		Core().V1().ConfigMaps().Informer()
	var lock sync.Mutex
	chains := map[string][]uint64{}
	note := func(object any) {
		item := object.(*corev1.ConfigMap)
		revision, _ := strconv.ParseUint(item.ResourceVersion, 10, 64)
		lock.Lock()
		defer lock.Unlock()
		chains[item.Name] = append(chains[item.Name], revision)
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: note, UpdateFunc: func(_, after any) { note(after) },
	}); err != nil {
		return nil, err
	}
	var failures atomic.Value
	if err := informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) { failures.Store(err.Error()) }); err != nil {
		return nil, err
	}
	go informer.Run(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, fmt.Errorf("the cache did not fill")
	}
	fills := seen.lists.Load() + seen.watchLists.Load()

	stop := make(chan struct{})
	go func() {
		bufio.NewScanner(os.Stdin).Scan()
		close(stop)
	}()
	written, writes := map[string][]uint64{}, 0
	for i := 0; ; i++ {
		select {
		case <-stop:
			return resumed(ctx, s, resumedState{informer, &lock, chains, written, &seen, fills, &failures})
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		name := fmt.Sprintf("c-%05d", i%objects)
		patch := fmt.Appendf(nil, `{"data":{"n":"%d"}}`, i)
		after, err := s.client.CoreV1().ConfigMaps(s.namespace).Patch(ctx, name, mergePatch, patch, metav1.PatchOptions{})
		if err != nil {
			continue // it is down
		}
		revision, _ := strconv.ParseUint(after.ResourceVersion, 10, 64)
		written[name] = append(written[name], revision)
		if writes++; writes%50 == 0 {
			fmt.Fprintln(os.Stderr, writes, "written")
		}
	}
}

type resumedState struct {
	informer cache.SharedIndexInformer
	lock     *sync.Mutex
	chains   map[string][]uint64
	written  map[string][]uint64
	seen     *requests
	fills    int64
	failures *atomic.Value
}

func resumed(ctx context.Context, s setting, state resumedState) (result, error) {
	equal, err := equalsList(ctx, s, state.informer)
	if err != nil {
		return nil, err
	}
	state.lock.Lock()
	defer state.lock.Unlock()
	rising, complete := true, true
	for name, chain := range state.chains {
		rising = rising && sort.SliceIsSorted(chain, func(i, j int) bool { return chain[i] <= chain[j] })
		have := map[uint64]bool{}
		for _, revision := range chain {
			rising = rising && !have[revision]
			have[revision] = true
		}
		for _, revision := range state.written[name] {
			complete = complete && have[revision]
		}
	}
	return result{
		"equalsList": equal, "rising": rising, "nothingLost": complete,
		"refills": state.seen.lists.Load() + state.seen.watchLists.Load() - state.fills,
		"failure": state.failures.Load(),
	}, nil
}

// order has many watchers see many writers: all see one order.
func order(ctx context.Context, s setting) (result, error) {
	const objects, writers, watchers, writes = 20, 10, 10, 30
	if err := createConfigMaps(ctx, s, objects, func(int) map[string]string { return nil }); err != nil {
		return nil, err
	}
	list, err := s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	sequences := make([][]string, watchers)
	var group sync.WaitGroup
	rising := atomic.Bool{}
	rising.Store(true)
	for i := range watchers {
		stream, err := s.client.CoreV1().ConfigMaps(s.namespace).Watch(ctx, metav1.ListOptions{
			ResourceVersion: list.ResourceVersion, AllowWatchBookmarks: i%2 == 0,
		})
		if err != nil {
			return nil, err
		}
		group.Add(1)
		go func() {
			defer group.Done()
			defer stream.Stop()
			var last uint64
			for event := range stream.ResultChan() {
				item, ok := event.Object.(*corev1.ConfigMap)
				if !ok {
					return
				}
				revision, _ := strconv.ParseUint(item.ResourceVersion, 10, 64)
				if event.Type == watch.Bookmark {
					if revision < last {
						rising.Store(false)
					}
					continue
				}
				if revision <= last {
					rising.Store(false)
				}
				last = revision
				sequences[i] = append(sequences[i], item.Name+"@"+item.ResourceVersion)
				if len(sequences[i]) == writers*writes {
					return
				}
			}
		}()
	}
	if err := inParallel(writers*writes, writers, func(i int) error {
		patch := fmt.Appendf(nil, `{"data":{"n":"%d"}}`, i)
		name := fmt.Sprintf("c-%05d", i%objects)
		_, err := s.client.CoreV1().ConfigMaps(s.namespace).Patch(ctx, name, mergePatch, patch, metav1.PatchOptions{})
		return err
	}); err != nil {
		return nil, err
	}
	group.Wait()
	same := true
	for _, sequence := range sequences {
		same = same && fmt.Sprint(sequence) == fmt.Sprint(sequences[0])
	}
	return result{"events": len(sequences[0]), "sameOrder": same, "rising": rising.Load()}, nil
}

func newWidget(name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget",
		"metadata": map[string]any{"name": name}, "spec": spec,
	}}
}
