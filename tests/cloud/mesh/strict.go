package main

import (
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

// strict reads a spec as its message, and refuses fields that the message does not have. The types for Kubernetes clients
// would ignore them.
func strict(text string, into any) error {
	if text == "" {
		return nil
	}
	json, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return err
	}
	// Onto what is there: fields that are not given stay.
	given := into.(proto.Message).ProtoReflect().New().Interface()
	if err := protojson.Unmarshal(json, given); err != nil {
		return err
	}
	proto.Merge(into.(proto.Message), given)
	return nil
}
