// Command node-stub makes a Kubernetes cluster whole without containers: it registers Nodes with capacity, keeps their
// Leases, and plays the kubelet for every pod bound to them. A pod becomes Running and Ready, a pod of a Job succeeds,
// a deleted pod goes. Per pod, annotations change that:
//
//	node-stub.quarterdeck.dev/ready-after: "2s"     time from bound to Ready; default 0s
//	node-stub.quarterdeck.dev/fail: "ImagePullBackOff"  never Ready: its containers wait with this reason
//	node-stub.quarterdeck.dev/exit-after: "1s"      a pod that runs to completion ends after this; default 0s
//	node-stub.quarterdeck.dev/exit-code: "1"        ... with this code; default 0
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

const (
	readyAfter = "node-stub.quarterdeck.dev/ready-after"
	failReason = "node-stub.quarterdeck.dev/fail"
	exitAfter  = "node-stub.quarterdeck.dev/exit-after"
	exitCode   = "node-stub.quarterdeck.dev/exit-code"

	leaseNamespace = "kube-node-lease"
	leaseSeconds   = 40
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the cluster, as its administrator")
	count := flag.Int("nodes", 1, "how many nodes to keep")
	cpu := flag.String("cpu", "8", "CPU capacity of each node")
	memory := flag.String("memory", "16Gi", "memory capacity of each node")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *count, *cpu, *memory); err != nil && ctx.Err() == nil {
		log.Fatalf("node-stub: %v", err)
	}
}

func run(ctx context.Context, kubeconfig string, count int, cpu, memory string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading kubeconfig %q: %w", kubeconfig, err)
	}
	config.QPS, config.Burst = 500, 1000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	capacity, err := nodeCapacity(cpu, memory)
	if err != nil {
		return err
	}
	nodes := make(map[string]bool, count)
	for index := range count {
		nodes[fmt.Sprintf("node-%d", index)] = true
	}
	for name := range nodes {
		go keepNode(ctx, client, name, capacity)
	}
	return playKubelet(ctx, client, nodes)
}

func nodeCapacity(cpu, memory string) (corev1.ResourceList, error) {
	capacity := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("110")}
	for name, text := range map[corev1.ResourceName]string{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory} {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return nil, fmt.Errorf("capacity %s=%q: %w", name, text, err)
		}
		capacity[name] = quantity
	}
	return capacity, nil
}

// keepNode registers a node and renews its Lease and Ready condition, for as long as ctx lives.
func keepNode(ctx context.Context, client kubernetes.Interface, name string, capacity corev1.ResourceList) {
	for {
		if err := registerNode(ctx, client, name, capacity); err != nil && ctx.Err() == nil {
			log.Printf("node %s: %v", name, err)
		} else if err := renewLease(ctx, client, name); err != nil && ctx.Err() == nil {
			log.Printf("lease of node %s: %v", name, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(10 * time.Second):
		}
	}
}

func registerNode(ctx context.Context, client kubernetes.Interface, name string, capacity corev1.ResourceList) error {
	node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		node, err = client.CoreV1().Nodes().Create(ctx, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
				corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
			}},
		}, metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	now := metav1.Now()
	node.Status.Capacity, node.Status.Allocatable = capacity, capacity
	node.Status.NodeInfo.KubeletVersion = "v1.35.4"
	node.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "NodeStub", Message: "no containers run here",
		LastHeartbeatTime: now, LastTransitionTime: now,
	}}
	_, err = client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) {
		return nil // the next round sees the newer node
	}
	return err
}

func renewLease(ctx context.Context, client kubernetes.Interface, name string) error {
	leases := client.CoordinationV1().Leases(leaseNamespace)
	now := metav1.NewMicroTime(time.Now())
	seconds := int32(leaseSeconds)
	lease, err := leases.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: leaseNamespace},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: &name, LeaseDurationSeconds: &seconds, RenewTime: &now},
		}, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec.RenewTime = &now
	_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	return err
}

// playKubelet reconciles every pod bound to one of our nodes until ctx ends.
func playKubelet(ctx context.Context, client kubernetes.Interface, nodes map[string]bool) error {
	bound := func(options *metav1.ListOptions) {
		options.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTweakListOptions(bound))
	pods := factory.Core().V1().Pods()
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	enqueue := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	if _, err := pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, object any) { enqueue(object) },
	}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), pods.Informer().HasSynced) {
		return ctx.Err()
	}
	go func() { <-ctx.Done(); queue.ShutDown() }()

	for {
		key, shutdown := queue.Get()
		if shutdown {
			return nil
		}
		namespace, name, _ := cache.SplitMetaNamespaceKey(key)
		pod, err := pods.Lister().Pods(namespace).Get(name)
		if err == nil && nodes[pod.Spec.NodeName] {
			var again time.Duration
			again, err = reconcilePod(ctx, client, pod.DeepCopy(), time.Now())
			if err == nil && again > 0 {
				queue.AddAfter(key, again)
			}
		}
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			log.Printf("pod %s: %v", key, err)
			queue.AddRateLimited(key)
		} else {
			queue.Forget(key)
		}
		queue.Done(key)
	}
}

// reconcilePod writes the status a kubelet would have reached by now; it returns when to look again, 0 for never.
func reconcilePod(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, now time.Time) (time.Duration, error) {
	if pod.DeletionTimestamp != nil {
		immediately := int64(0)
		return 0, client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: &immediately,
			Preconditions:      &metav1.Preconditions{UID: &pod.UID},
		})
	}
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return 0, nil
	}
	status, again := wantedStatus(pod, now)
	if pod.Status.Phase == status.Phase && readiness(pod.Status) == readiness(status) {
		return again, nil
	}
	pod.Status = status
	_, err := client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return again, err
}

func readiness(status corev1.PodStatus) string {
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodReady {
			return string(condition.Status) + condition.Reason
		}
	}
	return ""
}

// wantedStatus is pure: what the pod's status is at `now`, and when it changes next.
func wantedStatus(pod *corev1.Pod, now time.Time) (corev1.PodStatus, time.Duration) {
	started := pod.CreationTimestamp.Time
	if pod.Status.StartTime != nil {
		started = pod.Status.StartTime.Time
	}
	age := now.Sub(started)
	if reason := pod.Annotations[failReason]; reason != "" {
		waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
		return podStatus(pod, corev1.PodPending, false, waiting, started), 0
	}
	if wait := duration(pod, readyAfter) - age; wait > 0 {
		waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}
		return podStatus(pod, corev1.PodPending, false, waiting, started), wait
	}
	if pod.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		if wait := duration(pod, readyAfter) + duration(pod, exitAfter) - age; wait > 0 {
			return podStatus(pod, corev1.PodRunning, true, running(started), started), wait
		}
		code, _ := strconv.Atoi(pod.Annotations[exitCode])
		ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: int32(code), Reason: "Completed", StartedAt: metav1.NewTime(started), FinishedAt: metav1.NewTime(now),
		}}
		phase := corev1.PodSucceeded
		if code != 0 {
			phase = corev1.PodFailed
		}
		return podStatus(pod, phase, false, ended, started), 0
	}
	return podStatus(pod, corev1.PodRunning, true, running(started), started), 0
}

func running(since time.Time) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}
}

func duration(pod *corev1.Pod, annotation string) time.Duration {
	value, err := time.ParseDuration(pod.Annotations[annotation])
	if err != nil {
		return 0
	}
	return value
}

func podStatus(pod *corev1.Pod, phase corev1.PodPhase, ready bool, state corev1.ContainerState, started time.Time) corev1.PodStatus {
	condition := func(kind corev1.PodConditionType, holds bool) corev1.PodCondition {
		value := corev1.ConditionFalse
		if holds {
			value = corev1.ConditionTrue
		}
		return corev1.PodCondition{Type: kind, Status: value, LastTransitionTime: metav1.Now(), ObservedGeneration: pod.Generation}
	}
	status := corev1.PodStatus{
		Phase:     phase,
		StartTime: &metav1.Time{Time: started},
		HostIP:    "127.0.0.1",
		PodIP:     "127.0.0.1",
		PodIPs:    []corev1.PodIP{{IP: "127.0.0.1"}},
		Conditions: []corev1.PodCondition{
			condition(corev1.PodScheduled, true), condition(corev1.PodInitialized, true),
			condition(corev1.ContainersReady, ready), condition(corev1.PodReady, ready),
		},
	}
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: "node-stub", Ready: ready, Started: &ready, State: state,
		})
	}
	return status
}
