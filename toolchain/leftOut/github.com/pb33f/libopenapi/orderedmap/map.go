// Package orderedmap has what `pulumi api` asks of a map that keeps its order, so that it compiles.
package orderedmap

import "iter"

// Map is always empty: nothing was read.
type Map[K comparable, V any] struct{}

// New returns a map.
func New[K comparable, V any]() *Map[K, V] { return &Map[K, V]{} }

// Len returns 0.
func Len[K comparable, V any](*Map[K, V]) int { return 0 }

// Get finds nothing.
func (*Map[K, V]) Get(K) (value V, found bool) { return value, false }

// GetOrZero returns zero.
func (*Map[K, V]) GetOrZero(K) (value V) { return value }

// Set panics: there is nothing to put into a map.
func (*Map[K, V]) Set(K, V) (V, bool) { panic("this pulumi was built without `pulumi api`") }

// Delete finds nothing.
func (*Map[K, V]) Delete(K) (value V, found bool) { return value, false }

// FromOldest yields nothing.
func (*Map[K, V]) FromOldest() iter.Seq2[K, V] { return func(func(K, V) bool) {} }

// KeysFromOldest yields nothing.
func (*Map[K, V]) KeysFromOldest() iter.Seq[K] { return func(func(K) bool) {} }
