// Package api has what buildx writes of a configuration of Kubernetes, so that it compiles.
package api

// Config is a configuration file.
type Config struct {
	Clusters       map[string]*Cluster
	AuthInfos      map[string]*AuthInfo
	Contexts       map[string]*Context
	CurrentContext string
}

// Cluster says where Kubernetes is.
type Cluster struct {
	Server, ProxyURL         string
	InsecureSkipTLSVerify    bool
	CertificateAuthorityData []byte
}

// AuthInfo says who asks.
type AuthInfo struct {
	Username, Password, Token string

	ClientCertificateData, ClientKeyData []byte

	AuthProvider *AuthProviderConfig
	Exec         *ExecConfig
}

// Context is one way to ask.
type Context struct{ AuthInfo, Cluster, Namespace string }

// AuthProviderConfig and ExecConfig are other ways to say who asks.
type (
	AuthProviderConfig struct{}
	ExecConfig         struct{}
)

// NewConfig returns an empty file.
func NewConfig() *Config {
	return &Config{
		Clusters:  map[string]*Cluster{},
		AuthInfos: map[string]*AuthInfo{},
		Contexts:  map[string]*Context{},
	}
}

// NewCluster returns an empty one.
func NewCluster() *Cluster { return &Cluster{} }

// NewAuthInfo returns an empty one.
func NewAuthInfo() *AuthInfo { return &AuthInfo{} }

// NewContext returns an empty one.
func NewContext() *Context { return &Context{} }
