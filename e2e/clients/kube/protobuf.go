package main

import (
	"context"
	"fmt"
	"sort"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// sample is one object of a built-in kind, without a name.
type sample struct {
	resource   string
	object     runtime.Object
	namespaced bool
}

var (
	pod = corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "a"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i", Env: []corev1.EnvVar{{Name: "A", Value: "b"}},
			Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}},
	}
	jobPod   = corev1.PodTemplateSpec{Spec: corev1.PodSpec{RestartPolicy: "Never", Containers: pod.Spec.Containers}}
	selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}
	one      = int32(1)
	half     = intstr.FromString("50%")
	pathType = networkingv1.PathTypePrefix
	none     = admissionv1.SideEffectClassNone
	url      = "https://127.0.0.1:1/hook"
	hour     = metav1.NewMicroTime(time.Unix(1_700_000_000, 123_000))
)

func samples() []sample {
	return []sample{
		{"configmaps", &corev1.ConfigMap{Data: map[string]string{"a": "b"}, BinaryData: map[string][]byte{"c": {0, 255}}}, true},
		{"secrets", &corev1.Secret{Data: map[string][]byte{"a": []byte("b")}, StringData: map[string]string{"c": "d"}}, true},
		{"serviceaccounts", &corev1.ServiceAccount{ImagePullSecrets: []corev1.LocalObjectReference{{Name: "s"}}}, true},
		{"services", &corev1.Service{Spec: corev1.ServiceSpec{Selector: map[string]string{"a": "b"}, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}}}}, true},
		{"endpoints", &corev1.Endpoints{Subsets: []corev1.EndpointSubset{{Addresses: []corev1.EndpointAddress{{IP: "10.1.2.3"}}, Ports: []corev1.EndpointPort{{Port: 80}}}}}, true},
		{"limitranges", &corev1.LimitRange{}, true},
		{"podtemplates", &corev1.PodTemplate{Template: pod}, true},
		{"replicationcontrollers", &corev1.ReplicationController{Spec: corev1.ReplicationControllerSpec{Selector: map[string]string{"app": "a"}, Template: &pod}}, true},
		{"persistentvolumeclaims", &corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{"ReadWriteOnce"}, Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{"storage": quantity("1Gi")}}}}, true},
		{"namespaces", &corev1.Namespace{}, false},
		{"deployments", &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &one, Selector: selector, Template: pod}}, true},
		{"replicasets", &appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Selector: selector, Template: pod}}, true},
		{"statefulsets", &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{ServiceName: "s", Selector: selector, Template: pod}}, true},
		{"daemonsets", &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Selector: selector, Template: pod}}, true},
		{"jobs", &batchv1.Job{Spec: batchv1.JobSpec{Template: jobPod}}, true},
		{"cronjobs", &batchv1.CronJob{Spec: batchv1.CronJobSpec{Schedule: "* * * * *", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: jobPod}}}}, true},
		{"horizontalpodautoscalers", &autoscalingv2.HorizontalPodAutoscaler{Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: 3, ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "d"}}}, true},
		{"poddisruptionbudgets", &policyv1.PodDisruptionBudget{Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &half, Selector: selector}}, true},
		{"ingresses", &networkingv1.Ingress{Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{Host: "a.example.com", IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{Path: "/", PathType: &pathType, Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "s", Port: networkingv1.ServiceBackendPort{Number: 80}}}}}}}}}}}, true},
		{"ingressclasses", &networkingv1.IngressClass{Spec: networkingv1.IngressClassSpec{Controller: "example.com/c"}}, false},
		{"networkpolicies", &networkingv1.NetworkPolicy{Spec: networkingv1.NetworkPolicySpec{PodSelector: *selector}}, true},
		{"endpointslices", &discoveryv1.EndpointSlice{AddressType: "IPv4", Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.1.2.3"}}}}, true},
		{"leases", &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{LeaseDurationSeconds: &one, RenewTime: &hour}}, true},
		{"roles", &rbacv1.Role{Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}, true},
		{"rolebindings", &rbacv1.RoleBinding{RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "Role", Name: "r"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "u"}}}, true},
		{"clusterroles", &rbacv1.ClusterRole{Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/x"}}}}, false},
		{"clusterrolebindings", &rbacv1.ClusterRoleBinding{RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "r"}}, false},
		{"priorityclasses", &schedulingv1.PriorityClass{Value: 7}, false},
		{"storageclasses", &storagev1.StorageClass{Provisioner: "example.com/p", Parameters: map[string]string{"a": "b"}}, false},
		{"csidrivers", &storagev1.CSIDriver{}, false},
		{"runtimeclasses", &nodev1.RuntimeClass{Handler: "h"}, false},
		{"flowschemas", &flowcontrolv1.FlowSchema{Spec: flowcontrolv1.FlowSchemaSpec{PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: "catch-all"}, MatchingPrecedence: 9000}}, false},
		{"events", &eventsv1.Event{EventTime: hour, ReportingController: "example.com/c", ReportingInstance: "i", Action: "Did", Reason: "R", Type: "Normal", Note: "n", Regarding: corev1.ObjectReference{Kind: "ConfigMap", Name: "a"}}, true},
		{"validatingwebhookconfigurations", &admissionv1.ValidatingWebhookConfiguration{Webhooks: []admissionv1.ValidatingWebhook{{Name: "a.example.com", SideEffects: &none, AdmissionReviewVersions: []string{"v1"}, ClientConfig: admissionv1.WebhookClientConfig{URL: &url},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"never": "here"}}, Rules: []admissionv1.RuleWithOperations{{Operations: []admissionv1.OperationType{"CREATE"}, Rule: admissionv1.Rule{APIGroups: []string{"none.example.com"}, APIVersions: []string{"v1"}, Resources: []string{"nones"}}}}}}}, false},
	}
}

// protobufKinds writes one object of each kind in protobuf, reads it in both encodings, watches it, and deletes it with
// options in protobuf. Only what went wrong is told, by kind.
func protobufKinds(ctx context.Context, s setting) (result, error) {
	wrong := []string{}
	kinds := []string{}
	for _, each := range samples() {
		if problem := tryKind(ctx, s, each); problem != "" {
			wrong = append(wrong, each.resource+": "+problem)
		}
		kinds = append(kinds, each.resource)
	}
	sort.Strings(kinds)
	return result{"kinds": kinds, "wrong": wrong}, nil
}

func tryKind(ctx context.Context, s setting, each sample) string {
	kinds, _, err := scheme.Scheme.ObjectKinds(each.object)
	if err != nil {
		return err.Error()
	}
	binary, err := restClient(s, kinds[0].GroupVersion().String(), protobufType, protobufType+",application/json")
	if err != nil {
		return err.Error()
	}
	text, err := restClient(s, kinds[0].GroupVersion().String(), "application/json", "application/json")
	if err != nil {
		return err.Error()
	}
	accessor, err := meta.Accessor(each.object)
	if err != nil {
		return err.Error()
	}
	name := s.namespace + "-proto"
	accessor.SetName(name)
	if each.namespaced && each.resource == "events" {
		each.object.(*eventsv1.Event).Regarding.Namespace = s.namespace
	}
	at := func(request *rest.Request) *rest.Request {
		return request.NamespaceIfScoped(s.namespace, each.namespaced).Resource(each.resource)
	}
	fresh := func() runtime.Object { made, _ := scheme.Scheme.New(kinds[0]); return made }

	made := fresh()
	if err := at(binary.Post()).Body(each.object).Do(ctx).Into(made); err != nil {
		return "create: " + err.Error()
	}
	got, read := fresh(), fresh()
	sameState := func() bool { // controllers write its status between two reads
		first, _ := meta.NewAccessor().ResourceVersion(got)
		second, _ := meta.NewAccessor().ResourceVersion(read)
		return first != "" && first == second
	}
	for try := 0; try < 10 && !sameState(); try++ {
		got, read = fresh(), fresh()
		if err := at(binary.Get()).Name(name).Do(ctx).Into(got); err != nil {
			return "get: " + err.Error()
		}
		if err := at(text.Get()).Name(name).Do(ctx).Into(read); err != nil {
			return "get in JSON: " + err.Error()
		}
	}
	if !equality.Semantic.DeepEqual(got, read) {
		return fmt.Sprintf("reads differ: %v and %v", got, read)
	}
	// A list, and a watch from its revision, in protobuf.
	list, err := at(binary.Get()).VersionedParams(&metav1.ListOptions{FieldSelector: "metadata.name=" + name}, scheme.ParameterCodec).Do(ctx).Get()
	if err != nil {
		return "list: " + err.Error()
	}
	if meta.LenList(list) != 1 {
		return fmt.Sprintf("%d listed", meta.LenList(list))
	}
	revision, _ := meta.NewAccessor().ResourceVersion(list)
	only, err := restClient(s, kinds[0].GroupVersion().String(), protobufType, protobufType)
	if err != nil {
		return err.Error()
	}
	stream, err := at(only.Get()).VersionedParams(&metav1.ListOptions{
		Watch: true, ResourceVersion: revision, FieldSelector: "metadata.name=" + name,
	}, scheme.ParameterCodec).Watch(ctx)
	if err != nil {
		return "watch: " + err.Error()
	}
	defer stream.Stop()
	if err := retry.RetryOnConflict(retry.DefaultRetry, func() error { // controllers write its status
		if err := at(binary.Get()).Name(name).Do(ctx).Into(got); err != nil {
			return err
		}
		gotAccessor, _ := meta.Accessor(got)
		gotAccessor.SetLabels(map[string]string{"written": "again"})
		return at(binary.Put()).Name(name).Body(got).Do(ctx).Error()
	}); err != nil {
		return "update: " + err.Error()
	}
	grace := int64(0)
	if err := at(binary.Delete()).Name(name).Body(&metav1.DeleteOptions{GracePeriodSeconds: &grace}).Do(ctx).Error(); err != nil {
		return "delete: " + err.Error()
	}
	for event := range stream.ResultChan() {
		seen, err := meta.Accessor(event.Object)
		if err != nil || event.Type != watch.Modified {
			return fmt.Sprintf("the watch says %v before the update", event.Type)
		}
		if seen.GetLabels()["written"] == "again" {
			return ""
		}
	}
	return "the watch ended before the update"
}

func restClient(s setting, groupVersion, contentType, accept string) (*rest.RESTClient, error) {
	version, err := schemaVersion(groupVersion)
	if err != nil {
		return nil, err
	}
	config := rest.CopyConfig(s.config)
	config.GroupVersion = &version
	config.APIPath = "/apis"
	if version.Group == "" {
		config.APIPath = "/api"
	}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	config.ContentType, config.AcceptContentTypes = contentType, accept
	return rest.RESTClientFor(config)
}
