package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	eksctl "github.com/weaveworks/eksctl/pkg/apis/eksctl.io/v1alpha5"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// envelope is what each object has beside its spec.
type envelope struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            any               `json:"spec"`
}

// check reads the files and reports every mistake. It fails where there is no resource that it knows.
func check(files []string) error {
	var mistakes []error
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		err = documents(text, func(document []byte) error {
			done, err := checkDocument(document)
			if done {
				checked++
			}
			if err != nil {
				mistakes = append(mistakes, fmt.Errorf("%s: %w", file, err))
			}
			return nil
		})
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", file, err))
		}
	}
	fmt.Printf("%d resources\n", checked)
	if checked == 0 {
		mistakes = append(mistakes, errors.New("no resource was found"))
	}
	return errors.Join(mistakes...)
}

// documents calls visit with each document of a file that is not empty.
func documents(text []byte, visit func([]byte) error) error {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var content any
		if err := yaml.Unmarshal(document, &content); err != nil {
			return err
		}
		if content == nil {
			continue
		}
		if err := visit(document); err != nil {
			return err
		}
	}
}

// checkDocument returns whether the document is of a kind that this command knows.
func checkDocument(document []byte) (bool, error) {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return false, err
	}
	if kind.APIVersion == eksctl.SchemeGroupVersion.String() {
		return true, checkCluster(document)
	}
	if native, ok := kubernetes[kind]; ok {
		return true, checkNative(document, kind, native())
	}
	version, err := schema.ParseGroupVersion(kind.APIVersion)
	if err != nil {
		return false, err
	}
	known, ok := collections.All.FindByGroupVersionAliasesKind(config.FromKubernetesGVK(version.WithKind(kind.Kind)))
	if !ok || known.IsBuiltin() {
		return false, nil
	}
	var object envelope
	if err := yaml.UnmarshalStrict(document, &object); err != nil {
		return true, fmt.Errorf("%s: %w", kind.Kind, err)
	}
	where := fmt.Sprintf("%s %s", kind.Kind, object.Metadata.Name)
	if object.Metadata.Namespace == "" {
		object.Metadata.Namespace = "default" // that of a release, which templates do not repeat
	}
	text, err := yaml.Marshal(object.Spec)
	if err != nil {
		return true, err
	}
	spec, err := known.NewInstance()
	if err != nil {
		return true, err
	}
	if message, ok := spec.(interface{ Reset() }); ok && object.Spec != nil {
		if err := strict(string(text), message); err != nil {
			return true, fmt.Errorf("%s: %w", where, err)
		}
	}
	_, err = known.ValidateConfig(config.Config{
		Meta: config.Meta{GroupVersionKind: known.GroupVersionKind(), Name: object.Metadata.Name, Namespace: object.Metadata.Namespace},
		Spec: spec,
	})
	if err != nil {
		return true, fmt.Errorf("%s: %w", where, err)
	}
	return true, nil
}

// kubernetes has Kubernetes' own kinds that charts and scripts here write.
var kubernetes = map[metav1.TypeMeta]func() any{
	{APIVersion: "v1", Kind: "ConfigMap"}:                       func() any { return new(corev1.ConfigMap) },
	{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}: func() any { return new(networkingv1.NetworkPolicy) },
	{APIVersion: "v1", Kind: "Namespace"}:                       func() any { return new(corev1.Namespace) },
	{APIVersion: "v1", Kind: "Secret"}:                          func() any { return new(corev1.Secret) },
	{APIVersion: "batch/v1", Kind: "Job"}:                       func() any { return new(batchv1.Job) },
}

func checkNative(document []byte, kind metav1.TypeMeta, into any) error {
	if err := yaml.UnmarshalStrict(document, into); err != nil {
		return fmt.Errorf("%s: %w", kind.Kind, err)
	}
	return nil
}

func checkCluster(document []byte) error {
	cluster := eksctl.NewClusterConfig()
	if err := yaml.UnmarshalStrict(document, cluster); err != nil {
		return fmt.Errorf("ClusterConfig: %w", err)
	}
	eksctl.SetClusterConfigDefaults(cluster)
	if err := eksctl.ValidateClusterConfig(cluster); err != nil {
		return fmt.Errorf("ClusterConfig %s: %w", cluster.Metadata.Name, err)
	}
	for i, group := range cluster.ManagedNodeGroups {
		eksctl.SetManagedNodeGroupDefaults(group, cluster.Metadata, false)
		if err := eksctl.ValidateManagedNodeGroup(i, group); err != nil {
			return fmt.Errorf("ClusterConfig %s: %w", cluster.Metadata.Name, err)
		}
	}
	return nil
}
