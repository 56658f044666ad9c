// Package clientcmd has how buildx looks for the configuration of Kubernetes: it finds none.
package clientcmd

import (
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// ClientConfig is a configuration.
type ClientConfig interface {
	ClientConfig() (*rest.Config, error)
	Namespace() (string, bool, error)
}

type leftOut struct{}

func (leftOut) ClientConfig() (*rest.Config, error) { return nil, rest.ErrLeftOut }

func (leftOut) Namespace() (string, bool, error) { return "", false, rest.ErrLeftOut }

// ConfigOverrides goes before a file.
type ConfigOverrides struct {
	CurrentContext string
	Context        api.Context
}

// ClientConfigLoadingRules says where files are.
type ClientConfigLoadingRules struct {
	ExplicitPath string
	Precedence   []string
}

// Load says that no file is read.
func (*ClientConfigLoadingRules) Load() (*api.Config, error) { return nil, rest.ErrLeftOut }

// NewDefaultClientConfigLoadingRules returns rules.
func NewDefaultClientConfigLoadingRules() *ClientConfigLoadingRules {
	return &ClientConfigLoadingRules{}
}

// NewDefaultClientConfig returns a configuration that says that it is left out.
func NewDefaultClientConfig(api.Config, *ConfigOverrides) ClientConfig { return leftOut{} }

// NewNonInteractiveDeferredLoadingClientConfig returns a configuration that says that it is left out.
func NewNonInteractiveDeferredLoadingClientConfig(*ClientConfigLoadingRules, *ConfigOverrides) ClientConfig {
	return leftOut{}
}
