{{/*
Every manifest of a release. A chart has one template of its own: {{ include "troupe.all" (dict "root" . "topology" TEXT) }},
where TEXT is the topology that it brings, if it brings one; the value `topology` replaces it.
*/}}
{{- define "troupe.all" -}}
{{- $root := .root -}}
{{- $values := include "troupe.values" $root | fromJson -}}
{{- $text := $values.topology | default .topology | default "" -}}
{{- $topology := include "troupe.topology" (dict "root" $root "values" $values "text" $text) | fromJson -}}
{{- $release := dict "root" $root "values" $values "topology" $topology "text" $text -}}
{{- include "troupe.refusals" $release -}}
{{- $workloads := include "troupe.workloads" $release | fromJsonArray -}}
{{- if $text }}
---
{{ include "troupe.configMap" $release }}
{{- end }}
---
{{ include "troupe.secret" $release }}
{{- $gateways := list }}
{{- range $name, $service := $topology.services }}{{ if $service.gateway }}{{ $gateways = append $gateways $name }}{{ end }}{{ end }}
{{- range $workload := $workloads }}
{{- /* Where clients come in: the gateway, and without one every greeter that no service calls. */}}
{{- $first := and (empty $gateways) .grpc (empty .callers) }}
{{- $_ := set $workload "edge" (or (not .services) (has .name $gateways) $first (empty $text)) }}
{{- $one := merge (dict "workload" $workload) $release }}
{{- range $part := list "troupe.account" "troupe.service-manifest" "troupe.workload" "troupe.disruptionBudget" "troupe.networkPolicy" "troupe.autoscaler" }}
---
{{ include $part $one }}
{{- end }}
{{- end }}
{{- if $values.monitoring.enabled }}
---
{{ include "troupe.serviceMonitor" $release }}
{{- if $values.monitoring.rules }}
---
{{ include "troupe.rules" $release }}
{{- end }}
{{- end }}
{{- end }}
