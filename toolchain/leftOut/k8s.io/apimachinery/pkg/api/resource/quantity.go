// Package resource has what buildx asks of amounts in Kubernetes, so that it compiles.
package resource

import "errors"

// Quantity is an amount.
type Quantity struct{}

// ParseQuantity says that there are none.
func ParseQuantity(string) (Quantity, error) {
	return Quantity{}, errors.New("this Docker plugin was built without builders in Kubernetes")
}
