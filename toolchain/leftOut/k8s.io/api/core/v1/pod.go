// Package v1 has the pod that buildx makes in Kubernetes, so that it compiles.
package v1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SchemeGroupVersion is this version.
var SchemeGroupVersion = metav1.GroupVersion{Version: "v1"}

// Words of Kubernetes that buildx uses.
type (
	PodPhase           string
	ResourceName       string
	SeccompProfileType string
	TaintEffect        string
	TolerationOperator string
)

// Their values that buildx uses.
const (
	PodRunning                   PodPhase           = "Running"
	ResourceCPU                  ResourceName       = "cpu"
	ResourceMemory               ResourceName       = "memory"
	ResourceEphemeralStorage     ResourceName       = "ephemeral-storage"
	SeccompProfileTypeUnconfined SeccompProfileType = "Unconfined"
)

// Pod runs containers.
type Pod struct {
	metav1.ObjectMeta

	Spec   PodSpec
	Status PodStatus
}

// PodList has pods.
type PodList struct{ Items []Pod }

// PodStatus says how a pod is.
type PodStatus struct{ Phase PodPhase }

// PodTemplateSpec is what pods are made from.
type PodTemplateSpec struct {
	metav1.ObjectMeta

	Spec PodSpec
}

// PodSpec says what a pod runs.
type PodSpec struct {
	ServiceAccountName, SchedulerName string

	InitContainers, Containers []Container
	Volumes                    []Volume
	NodeSelector               map[string]string
	Tolerations                []Toleration
}

// PodExecOptions is a command in a pod.
type PodExecOptions struct {
	Container                  string
	Command                    []string
	Stdin, Stdout, Stderr, TTY bool
}

// Toleration is what a pod bears of a node.
type Toleration struct {
	Key, Value        string
	Operator          TolerationOperator
	Effect            TaintEffect
	TolerationSeconds *int64
}

// Container is one of a pod.
type Container struct {
	Name, Image     string
	Args            []string
	SecurityContext *SecurityContext
	ReadinessProbe  *Probe
	Resources       ResourceRequirements
	VolumeMounts    []VolumeMount
}

// SecurityContext says what a container may.
type SecurityContext struct {
	Privileged     *bool
	SeccompProfile *SeccompProfile
}

// SeccompProfile says which system calls it may make.
type SeccompProfile struct{ Type SeccompProfileType }

// Probe asks a container how it is.
type Probe struct{ ProbeHandler }

// ProbeHandler says how it is asked.
type ProbeHandler struct{ Exec *ExecAction }

// ExecAction is a command.
type ExecAction struct{ Command []string }

// ResourceList has amounts.
type ResourceList map[ResourceName]resource.Quantity

// ResourceRequirements says what a container needs and may take.
type ResourceRequirements struct{ Requests, Limits ResourceList }

// ConfigMap has files.
type ConfigMap struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	Data map[string]string
}

// Volume is one of a pod.
type Volume struct {
	VolumeSource

	Name string
}

// VolumeMount is where a container sees it.
type VolumeMount struct{ Name, MountPath string }

// VolumeSource is what is on it.
type VolumeSource struct {
	ConfigMap *ConfigMapVolumeSource
	EmptyDir  *EmptyDirVolumeSource
}

// ConfigMapVolumeSource is files.
type ConfigMapVolumeSource struct{ LocalObjectReference }

// EmptyDirVolumeSource is nothing.
type EmptyDirVolumeSource struct{}

// LocalObjectReference names a thing.
type LocalObjectReference struct{ Name string }
