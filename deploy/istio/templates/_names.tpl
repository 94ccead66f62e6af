{{/* The topology's services, by name. */}}
{{- define "mesh.services" -}}
{{- $topology := .Values.topology | default (.Files.Get "reference-2021.yaml") | fromYaml -}}
{{- if $topology.Error }}{{ fail (printf "topology: %s" $topology.Error) }}{{ end -}}
{{- if not $topology.services }}{{ fail "topology: it has no services" }}{{ end -}}
{{- range $kind, $name := .Values.edge }}
{{- if not (hasKey $topology.services $name) }}{{ fail (printf "edge.%s: the topology has no service %s" $kind $name) }}{{ end -}}
{{- end -}}
{{- toYaml $topology.services -}}
{{- end -}}

{{- define "mesh.labels" -}}
app.kubernetes.io/part-of: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* The name that a workload's certificate bears. Context: root, namespace, account. */}}
{{- define "mesh.principal" -}}
{{ .root.Values.trustDomain }}/ns/{{ .namespace }}/sa/{{ .account }}
{{- end -}}

{{/* Who calls a service. Context: services, name. */}}
{{- define "mesh.callers" -}}
{{- $callers := list -}}
{{- range $caller, $service := .services -}}
{{- $calls := dig "greeter" "calls" (list) $service -}}
{{- if kindIs "string" $calls }}{{ $calls = list $calls }}{{ end -}}
{{- if or (has $.name $calls) (eq (dig "gateway" "" $service) $.name) }}{{ $callers = append $callers $caller }}{{ end -}}
{{- end -}}
{{- toYaml $callers -}}
{{- end -}}

{{/* What nobody outside may ask for: probes and metrics. */}}
{{- define "mesh.hidden" -}}
- name: hidden
  match:
    - uri: {regex: "/(livez|readyz|metrics|api/metrics)/?"}
  directResponse: {status: 404}
{{- end -}}

{{/* The full name of a service of this namespace. Context: root, name. */}}
{{- define "mesh.host" -}}
{{ .name }}.{{ .root.Release.Namespace }}.svc.cluster.local
{{- end -}}
