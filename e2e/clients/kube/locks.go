package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	eventsv1client "k8s.io/client-go/kubernetes/typed/events/v1"
	toolsevents "k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/retry"
)

const mergePatch = types.MergePatchType

// counter has 32 clients count in one object by compare-and-swap: nothing is lost.
func counter(ctx context.Context, s setting) (result, error) {
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	if _, err := maps.Create(ctx, configMap("counter", nil), metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	var conflicts atomic.Int64
	patient := wait.Backoff{Steps: 1000, Duration: time.Millisecond, Factor: 1, Jitter: 1}
	err := inParallel(32*4, 32, func(int) error {
		return retry.RetryOnConflict(patient, func() error {
			object, err := maps.Get(ctx, "counter", metav1.GetOptions{})
			if err != nil {
				return err
			}
			n, _ := strconv.Atoi(object.Data["n"])
			object.Data["n"] = strconv.Itoa(n + 1)
			_, err = maps.Update(ctx, object, metav1.UpdateOptions{})
			if err != nil {
				conflicts.Add(1)
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	object, err := maps.Get(ctx, "counter", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return result{"total": object.Data["n"], "conflicted": conflicts.Load() > 0}, nil
}

// leader has three candidates; the leader resigns twice. Two never lead at once.
func leader(ctx context.Context, s setting) (result, error) {
	var leading, overlaps, terms atomic.Int64
	var group sync.WaitGroup
	leaders := make(chan int, 16)
	cancels := make([]context.CancelFunc, 3)
	for i := range 3 {
		own, cancel := context.WithCancel(ctx)
		cancels[i] = cancel
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: s.namespace},
				Client:     s.client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: fmt.Sprint("candidate-", i)},
			},
			LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 500 * time.Millisecond,
			ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(leadership context.Context) {
					if leading.Add(1) > 1 {
						overlaps.Add(1)
					}
					terms.Add(1)
					leaders <- i
					<-leadership.Done()
				},
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			return nil, err
		}
		group.Add(1)
		go func() {
			defer group.Done()
			elector.Run(own)
		}()
	}
	quick := true
	for range 2 {
		first := <-leaders
		// Between two renewals: one under way would run into the release.
		time.Sleep(250 * time.Millisecond)
		leading.Add(-1) // before it resigns, as the next may follow at once
		cancels[first]()
		began := time.Now()
		select {
		case next := <-leaders:
			leaders <- next
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		quick = quick && time.Since(began) < 14*time.Second // by release, not by the lease's end
	}
	last := <-leaders
	time.Sleep(250 * time.Millisecond)
	cancels[last]()
	group.Wait()
	lease, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, "leader", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return result{
		"terms": terms.Load(), "overlaps": overlaps.Load(), "quickHandover": quick,
		"released": *lease.Spec.HolderIdentity == "", "transitions": *lease.Spec.LeaseTransitions,
	}, nil
}

// events records equal events by the old and the new recorder: one object each, in both views.
func events(ctx context.Context, s setting) (result, error) {
	const equal = 300
	about, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(ctx, configMap("about", nil), metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	about.APIVersion, about.Kind = "v1", "ConfigMap"
	old := record.NewBroadcasterWithCorrelatorOptions(record.CorrelatorOptions{BurstSize: 2 * equal, MaxEvents: 2 * equal})
	old.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: s.client.CoreV1().Events("")})
	recorder := old.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "old"})
	for range equal {
		recorder.Event(about, corev1.EventTypeNormal, "Same", "the same again")
		time.Sleep(time.Millisecond) // the recorder drops what does not fit its queue
	}
	stop := make(chan struct{})
	newer := toolsevents.NewBroadcaster(&toolsevents.EventSinkImpl{Interface: eventsv1client.New(s.client.EventsV1().RESTClient())})
	newer.StartRecordingToSink(stop)
	series := newer.NewRecorder(scheme.Scheme, "example.com/newer")
	for range 10 {
		series.Eventf(about, nil, corev1.EventTypeNormal, "Series", "Doing", "again and again")
		time.Sleep(20 * time.Millisecond)
	}
	defer close(stop)
	defer old.Shutdown()
	counted := func(reason string) (int, int32) {
		list, err := s.client.CoreV1().Events(s.namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=" + reason})
		if err != nil || len(list.Items) == 0 {
			return 0, 0
		}
		if list.Items[0].Series != nil {
			return len(list.Items), list.Items[0].Series.Count
		}
		return len(list.Items), list.Items[0].Count
	}
	eventually(ctx, 60*time.Second, func() bool { _, count := counted("Same"); return count >= equal })
	eventually(ctx, 20*time.Second, func() bool { _, count := counted("Series"); return count >= 2 })
	objects, count := counted("Same")
	seriesObjects, seriesCount := counted("Series")
	view, err := s.client.EventsV1().Events(s.namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=Same"})
	if err != nil {
		return nil, err
	}
	first := view.Items[0]
	return result{
		"old":    []any{objects, count},
		"series": []any{seriesObjects, seriesCount},
		"view": []any{
			len(view.Items), first.Note, first.Regarding.Kind, first.Regarding.Name, first.DeprecatedCount,
			first.DeprecatedSource.Component, first.ReportingController,
		},
	}, nil
}
