// Package v1 has what buildx says of each thing in Kubernetes, so that it compiles.
package v1

import (
	"errors"
	"fmt"
)

// TypeMeta names a type.
type TypeMeta struct {
	Kind, APIVersion string
}

// ObjectMeta names a thing.
type ObjectMeta struct {
	Name, Namespace     string
	Labels, Annotations map[string]string
}

// LabelSelector chooses things by their labels.
type LabelSelector struct {
	MatchLabels map[string]string
}

// LabelSelectorAsSelector says that there is nothing to choose from.
func LabelSelectorAsSelector(*LabelSelector) (fmt.Stringer, error) {
	return nil, errors.New("this Docker plugin was built without builders in Kubernetes")
}

// ListOptions, GetOptions, ... are the options of calls.
type (
	ListOptions   struct{ LabelSelector string }
	GetOptions    struct{}
	CreateOptions struct{}
	UpdateOptions struct{}
	DeleteOptions struct{}
)

// GroupVersion is a version of an API.
type GroupVersion struct{ Group, Version string }

func (v GroupVersion) String() string { return v.Group + "/" + v.Version }
