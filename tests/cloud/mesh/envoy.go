package main

import (
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/host"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/protocol"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

// world is a mesh: its manifests, and its workloads with one pod each.
type world struct {
	Manifests string     `json:"manifests"`
	Mesh      string     `json:"mesh"` // Istio's own settings: its meshConfig
	Workloads []workload `json:"workloads"`
}

type workload struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Account   string            `json:"account"`
	Address   string            `json:"address"`
	Labels    map[string]string `json:"labels"`
	Ports     map[string]int    `json:"ports"`   // by name, which begins with the protocol
	Gateway   bool              `json:"gateway"` // a proxy of its own, and no sidecar
}

// sent is what a proxy is sent.
type sent struct {
	Listeners []json.RawMessage `json:"listeners"`
	Clusters  []json.RawMessage `json:"clusters"`
	Routes    []json.RawMessage `json:"routes"`
}

func (of workload) ports() model.PortList {
	var list model.PortList
	for name, port := range of.Ports {
		list = append(list, &model.Port{Name: name, Port: port, Protocol: protocol.Parse(name)})
	}
	return list
}

func (of workload) service(number int) *model.Service {
	return &model.Service{
		Hostname:       host.Name(of.Name + "." + of.Namespace + ".svc.cluster.local"),
		DefaultAddress: fmt.Sprintf("10.96.0.%d", number+1),
		Ports:          of.ports(),
		Resolution:     model.ClientSideLB,
		Attributes: model.ServiceAttributes{
			Name: of.Name, Namespace: of.Namespace, ServiceRegistry: provider.Kubernetes, LabelSelectors: of.Labels,
		},
	}
}

func (of workload) instances(service *model.Service) []*model.ServiceInstance {
	var instances []*model.ServiceInstance
	for _, port := range service.Ports {
		instances = append(instances, &model.ServiceInstance{
			Service:     service,
			ServicePort: port,
			Endpoint: &model.IstioEndpoint{
				Addresses: []string{of.Address}, EndpointPort: uint32(port.Port), ServicePortName: port.Name, Labels: of.Labels,
				ServiceAccount: "spiffe://cluster.local/ns/" + of.Namespace + "/sa/" + of.Account, Namespace: of.Namespace,
				TLSMode: model.IstioMutualTLSModeLabel, WorkloadName: of.Name,
			},
		})
	}
	return instances
}

func (of workload) proxy() *model.Proxy {
	proxy := &model.Proxy{
		Type: model.SidecarProxy, ID: of.Name + "." + of.Namespace, IPAddresses: []string{of.Address}, Labels: of.Labels,
		ConfigNamespace: of.Namespace,
		Metadata:        &model.NodeMetadata{Namespace: of.Namespace, Labels: of.Labels, IstioVersion: "1.31.0", ClusterID: constants.DefaultClusterName},
	}
	if of.Gateway {
		proxy.Type = model.Router
	}
	return proxy
}

func envoy(from io.Reader, to io.Writer) error {
	var given world
	if err := json.NewDecoder(from).Decode(&given); err != nil {
		return err
	}
	// Istio reports to standard output by default.
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	if err := log.Configure(options); err != nil {
		return err
	}
	settings := mesh.DefaultMeshConfig()
	if err := strict(given.Mesh, settings); err != nil {
		return fmt.Errorf("meshConfig: %w", err)
	}
	result := map[string]sent{}
	err := test.Wrap(func(t test.Failer) {
		options := core.TestOptions{ConfigString: given.Manifests, MeshConfig: settings}
		for i, one := range given.Workloads {
			if one.Gateway {
				continue
			}
			service := one.service(i)
			options.Services = append(options.Services, service)
			options.Instances = append(options.Instances, one.instances(service)...)
		}
		plane := core.NewConfigGenTest(t, options)
		for _, one := range given.Workloads {
			proxy := plane.SetupProxy(one.proxy())
			listeners := plane.Listeners(proxy)
			result[one.Name] = sent{
				Listeners: messages(t, listeners),
				Clusters:  messages(t, plane.Clusters(proxy)),
				Routes:    messages(t, plane.RoutesFromListeners(proxy, listeners)),
			}
		}
	})
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(to)
	return encoder.Encode(result)
}

func messages[M proto.Message](t test.Failer, list []M) []json.RawMessage {
	result := []json.RawMessage{}
	for _, message := range list {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
		if err != nil {
			t.Fatalf("%v", err)
		}
		result = append(result, text)
	}
	return result
}
