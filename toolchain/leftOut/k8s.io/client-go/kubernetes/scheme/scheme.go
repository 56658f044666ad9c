// Package scheme has what buildx hands to the client of Kubernetes, so that it compiles.
package scheme

// ParameterCodec would write parameters.
var ParameterCodec any
