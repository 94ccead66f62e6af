// Checks manifests of Kubernetes: reads YAML documents from the standard input, decodes each strictly with its publisher's own
// types, so that a misspelt or misplaced field is an error, and asks the Pod Security admission's own code whether every pod is
// "restricted". Prints one line for each mistake, and how many documents it has read; ends with 1 if there was a mistake.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	externalsecrets "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	keda "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var mistakes int

func mistake(format string, values ...any) {
	mistakes++
	fmt.Printf(format+"\n", values...)
}

// The template of the pods that an object makes; nil for one that makes none.
func podTemplate(object runtime.Object) *corev1.PodTemplateSpec {
	switch typed := object.(type) {
	case *appsv1.Deployment:
		return &typed.Spec.Template
	case *appsv1.StatefulSet:
		return &typed.Spec.Template
	case *appsv1.DaemonSet:
		return &typed.Spec.Template
	}
	return nil
}

func main() {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, monitoring.AddToScheme, keda.AddToScheme, externalsecrets.AddToScheme,
	} {
		if err := add(known); err != nil {
			panic(err)
		}
	}
	decoder := serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		panic(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}

	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	documents := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(input)))
	defer documents.Close()
	read := 0
	buffer := make([]byte, len(input)+1)
	for {
		n, err := documents.Read(buffer)
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(err)
		}
		document := strings.TrimPrefix(strings.TrimSpace(string(buffer[:n])), "---")
		if isComment(document) {
			continue
		}
		read++
		object, kind, err := decoder.Decode([]byte(document), nil, nil)
		if err != nil {
			mistake("document %d: %v", read, err)
			continue
		}
		name := kind.Kind
		if meta, ok := object.(metav1.Object); ok {
			name += " " + meta.GetName()
		}
		if template := podTemplate(object); template != nil {
			for _, result := range evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec) {
				if !result.Allowed {
					mistake("%s: Pod Security restricted forbids it: %s (%s)", name, result.ForbiddenReason, result.ForbiddenDetail)
				}
			}
		}
	}
	fmt.Printf("%d documents, %d mistakes\n", read, mistakes)
	if mistakes > 0 || read == 0 {
		os.Exit(1)
	}
}

// Whether a document has nothing but comments.
func isComment(document string) bool {
	for _, line := range strings.Split(document, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}
