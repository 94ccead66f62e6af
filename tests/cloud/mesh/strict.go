package main

import (
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

// strict reads a spec as its message, and refuses fields that the message does not have. The types for Kubernetes clients
// would ignore them.
func strict(text string, into any) error {
	json, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return err
	}
	return protojson.Unmarshal(json, into.(proto.Message))
}
