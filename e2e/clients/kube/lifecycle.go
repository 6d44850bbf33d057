package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func quantity(text string) resource.Quantity { return resource.MustParse(text) }

func schemaVersion(text string) (schema.GroupVersion, error) { return schema.ParseGroupVersion(text) }

// reviews makes tokens and asks about them as an aggregated server would.
func reviews(ctx context.Context, s setting) (result, error) {
	core := s.client.CoreV1()
	if _, err := core.ServiceAccounts(s.namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "bot"}}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	seconds := int64(600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		Audiences: []string{"example"}, ExpirationSeconds: &seconds,
	}}
	made, err := core.ServiceAccounts(s.namespace).CreateToken(ctx, "bot", request, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	again, err := core.ServiceAccounts(s.namespace).CreateToken(ctx, "bot", request, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	review := func(token string, audiences ...string) (any, error) {
		answer, err := s.client.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{
			Spec: authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences},
		}, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		user := strings.ReplaceAll(answer.Status.User.Username, s.namespace, "NS")
		return []any{answer.Status.Authenticated, user, len(answer.Status.User.Groups), answer.Status.Audiences}, nil
	}
	answers := result{"rotated": made.Status.Token != again.Status.Token}
	for name, ask := range map[string]func() (any, error){
		"right audience": func() (any, error) { return review(made.Status.Token, "example", "more") },
		"wrong audience": func() (any, error) { return review(made.Status.Token, "other") },
		"no token":       func() (any, error) { return review("abc") },
	} {
		if answers[name], err = ask(); err != nil {
			return nil, err
		}
	}
	bot := "system:serviceaccount:" + s.namespace + ":bot"
	may := func(verb, group, kind string) (bool, error) {
		answer, err := s.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{
				User:               bot,
				ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: s.namespace, Verb: verb, Group: group, Resource: kind},
			},
		}, metav1.CreateOptions{})
		return err == nil && answer.Status.Allowed, err
	}
	if answers["before the role"], err = may("get", "", "configmaps"); err != nil {
		return nil, err
	}
	rules := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"configmaps"}}}
	if _, err := s.client.RbacV1().Roles(s.namespace).Create(ctx, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "r"}, Rules: rules}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	if _, err := s.client.RbacV1().RoleBindings(s.namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "r"},
		RoleRef:    rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "Role", Name: "r"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: "bot", Namespace: s.namespace}},
	}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	answers["after the role"] = eventually(ctx, 5*time.Second, func() bool { ok, _ := may("get", "", "configmaps"); return ok })
	if answers["another verb"], err = may("delete", "", "configmaps"); err != nil {
		return nil, err
	}
	self, err := s.client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	answers["self"] = self.Status.UserInfo.Username != ""
	if err := core.ServiceAccounts(s.namespace).Delete(ctx, "bot", metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	answers["refused after the account went"] = eventually(ctx, 20*time.Second, func() bool {
		answer, err := review(made.Status.Token, "example")
		return err == nil && answer.([]any)[0] == false
	})
	return answers, nil
}

// deletion deletes an owner of many, in all three ways, and a namespace full of objects.
func deletion(ctx context.Context, s setting) (result, error) {
	const dependents, content = 200, 400
	seen := result{}
	for _, policy := range []metav1.DeletionPropagation{
		metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan,
	} {
		left, err := deleteOwner(ctx, s, policy, dependents)
		if err != nil {
			return nil, err
		}
		seen[string(policy)] = left
	}
	doomed := s.namespace + "-doomed"
	if _, err := s.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: doomed}}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	inside := s
	inside.namespace = doomed
	if err := createConfigMaps(ctx, inside, content, func(int) map[string]string { return nil }); err != nil {
		return nil, err
	}
	if err := inParallel(50, 8, func(i int) error {
		_, err := s.dynamic.Resource(widgets).Namespace(doomed).Create(ctx, newWidget(fmt.Sprint("w-", i), map[string]any{}), metav1.CreateOptions{})
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.client.CoreV1().Namespaces().Delete(ctx, doomed, metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	_, err := s.client.CoreV1().ConfigMaps(doomed).Create(ctx, configMap("late", nil), metav1.CreateOptions{})
	seen["createMeanwhile"] = outcome(err)
	seen["namespaceGone"] = eventually(ctx, 60*time.Second, func() bool {
		_, err := s.client.CoreV1().Namespaces().Get(ctx, doomed, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	return seen, nil
}

// deleteOwner says how many dependents are left in the end, how many of them still name the owner, and whether it is gone.
func deleteOwner(ctx context.Context, s setting, policy metav1.DeletionPropagation, dependents int) (any, error) {
	label := strings.ToLower(string(policy))
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	owner, err := maps.Create(ctx, configMap("owner-"+label, nil), metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	yes := true
	if err := inParallel(dependents, 16, func(i int) error {
		object := configMap(fmt.Sprintf("%s-%d", label, i), map[string]string{"of": label})
		object.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID, BlockOwnerDeletion: &yes,
		}}
		_, err := maps.Create(ctx, object, metav1.CreateOptions{})
		return err
	}); err != nil {
		return nil, err
	}
	if err := maps.Delete(ctx, owner.Name, metav1.DeleteOptions{PropagationPolicy: &policy}); err != nil {
		return nil, err
	}
	count := func() (left, owned int) {
		list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "of=" + label})
		if err != nil {
			return -1, -1
		}
		for _, item := range list.Items {
			if len(item.OwnerReferences) > 0 {
				owned++
			}
		}
		return len(list.Items), owned
	}
	gone := eventually(ctx, 60*time.Second, func() bool {
		_, err := maps.Get(ctx, owner.Name, metav1.GetOptions{})
		left, owned := count()
		settled := left == 0 || (policy == metav1.DeletePropagationOrphan && owned == 0)
		return apierrors.IsNotFound(err) && settled
	})
	left, owned := count()
	return []any{left, owned, gone}, nil
}
