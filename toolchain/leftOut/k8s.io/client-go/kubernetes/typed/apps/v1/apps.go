// Package v1 has the calls that buildx makes for deployments, so that it compiles.
package v1

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AppsV1Interface hands out clients.
type AppsV1Interface interface {
	Deployments(namespace string) DeploymentInterface
}

// DeploymentInterface is a client for deployments.
type DeploymentInterface interface {
	Get(context.Context, string, metav1.GetOptions) (*appsv1.Deployment, error)
	Create(context.Context, *appsv1.Deployment, metav1.CreateOptions) (*appsv1.Deployment, error)
	Delete(context.Context, string, metav1.DeleteOptions) error
}
