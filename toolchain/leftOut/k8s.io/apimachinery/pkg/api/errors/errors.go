// Package errors has what buildx asks of an error of Kubernetes, so that it compiles.
package errors

// IsNotFound returns false: no error comes from Kubernetes.
func IsNotFound(error) bool { return false }

// IsAlreadyExists returns false: no error comes from Kubernetes.
func IsAlreadyExists(error) bool { return false }
