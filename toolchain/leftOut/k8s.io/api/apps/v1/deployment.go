// Package v1 has the deployment that buildx makes in Kubernetes, so that it compiles.
package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SchemeGroupVersion is this version.
var SchemeGroupVersion = metav1.GroupVersion{Group: "apps", Version: "v1"}

// Deployment keeps pods running.
type Deployment struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	Spec   DeploymentSpec
	Status DeploymentStatus
}

// DeploymentSpec says which pods.
type DeploymentSpec struct {
	Replicas *int32
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

// DeploymentStatus says which run.
type DeploymentStatus struct {
	ReadyReplicas int32
}
