// Package getter stands for the downloader of Terraform modules, which brings in the clients of two clouds.
// Only the generator of SDKs needs it: the plugins have it in them, and never call it.
package getter

import "errors"

var errLeftOut = errors.New("this plugin was built without the downloader of Terraform modules: " +
	"install Pulumi and its plugins from pulumi.com to use it")

// Detector finds out what kind of source a string names.
type Detector interface {
	Detect(source, folder string) (string, bool, error)
}

// Detectors has none.
var Detectors []Detector

// FolderStorage keeps modules in a folder.
type FolderStorage struct {
	StorageDir string
}

// Get says that nothing is downloaded.
func (*FolderStorage) Get(string, string, bool) error { return errLeftOut }

// Dir says that nothing was downloaded.
func (*FolderStorage) Dir(string) (string, bool, error) { return "", false, errLeftOut }

// Get says that nothing is downloaded.
func Get(string, string) error { return errLeftOut }

// Detect says that no source is known.
func Detect(string, string, []Detector) (string, error) { return "", errLeftOut }

// SourceDirSubdir takes the whole source as its folder.
func SourceDirSubdir(source string) (string, string) { return source, "" }

// SubdirGlob says that nothing was downloaded.
func SubdirGlob(string, string) (string, error) { return "", errLeftOut }
