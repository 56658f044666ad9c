// Package rest has how the client of Kubernetes would be reached, so that buildx compiles.
package rest

import (
	"errors"
	"net/http"
	"net/url"

	"k8s.io/client-go/tools/clientcmd/api"
)

// ErrLeftOut is the answer to whoever wants a builder in Kubernetes.
var ErrLeftOut = errors.New("this Docker plugin was built without builders in Kubernetes: " +
	"take a builder with another driver, or install Pulumi and its plugins from pulumi.com")

// Config says how Kubernetes is reached.
type Config struct {
	TLSClientConfig

	Host, Username, Password, BearerToken string

	AuthProvider *api.AuthProviderConfig
	ExecProvider *api.ExecConfig
	Proxy        func(*http.Request) (*url.URL, error)
}

// TLSClientConfig says how it is trusted.
type TLSClientConfig struct {
	Insecure                  bool
	CAFile, CertFile, KeyFile string
	CAData, CertData, KeyData []byte
}

// InClusterConfig says that there is no client.
func InClusterConfig() (*Config, error) { return nil, ErrLeftOut }

// Interface makes requests.
type Interface interface {
	Post() Request
}

// Request is one that is being written.
type Request interface {
	Namespace(string) Request
	Resource(string) Request
	Name(string) Request
	SubResource(...string) Request
	VersionedParams(parameters, codec any) Request
	URL() *url.URL
}
