// Package remotecommand has how buildx would run a command in Kubernetes, so that it compiles.
package remotecommand

import (
	"context"
	"io"
	"net/url"

	"k8s.io/client-go/rest"
)

// Executor runs a command.
type Executor interface {
	StreamWithContext(context.Context, StreamOptions) error
}

// StreamOptions says where its input comes from.
type StreamOptions struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Tty            bool
}

// NewSPDYExecutor says that there is no client.
func NewSPDYExecutor(*rest.Config, string, *url.URL) (Executor, error) { return nil, rest.ErrLeftOut }
