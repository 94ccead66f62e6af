{{/* Context of all of these: root, values, topology, text, workload. */}}
{{- define "troupe.metadata" -}}
name: {{ .workload.name }}
labels: {{- include "troupe.labels" (dict "root" .root "name" .workload.name) | nindent 2 }}
{{- end }}

{{- define "troupe.workload" -}}
{{- $own := .workload.own -}}
{{- $context := dict "root" .root "name" .workload.name -}}
apiVersion: apps/v1
kind: {{ .workload.kind }}
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  {{- if not .workload.scaler }}
  replicas: {{ $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{- include "troupe.selectorLabels" $context | nindent 6 }}
  {{- if eq .workload.kind "Deployment" }}
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  {{- else }}
  serviceName: {{ .workload.name }}
  podManagementPolicy: Parallel
  {{- if .workload.volume }}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: {{- toYaml $own.data.accessModes | nindent 10 }}
        {{- with $own.data.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ $own.data.size }}}}
  {{- end }}
  {{- end }}
  template:
    {{- include "troupe.pod" . | nindent 4 }}
{{- end }}

{{- define "troupe.service-manifest" -}}
{{- $own := .workload.own -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
  {{- with $own.service.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if $own.service.headless }}
  clusterIP: None
  {{- end }}
  selector: {{- include "troupe.selectorLabels" (dict "root" .root "name" .workload.name) | nindent 4 }}
  ports:
    - {name: http, port: {{ $own.ports.http }}, targetPort: http, appProtocol: http}
    {{- if .workload.grpc }}
    - {name: grpc, port: {{ $own.ports.grpc }}, targetPort: grpc, appProtocol: grpc}
    {{- end }}
{{- end }}

{{- define "troupe.account" -}}
{{- with .workload.own.serviceAccount }}
{{- if .create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "troupe.accountName" $ }}
  labels: {{- include "troupe.labels" (dict "root" $.root "name" $.workload.name) | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
{{- end }}
{{- end }}

{{- define "troupe.disruptionBudget" -}}
{{- if .workload.own.disruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .workload.own.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "troupe.selectorLabels" (dict "root" .root "name" .workload.name) | nindent 6 }}
{{- end }}
{{- end }}

{{- define "troupe.peer" -}}
- podSelector:
    matchLabels: {{- include "troupe.selectorLabels" . | nindent 6 }}
{{- end }}

{{- define "troupe.networkPolicy" -}}
{{- $own := .workload.own -}}
{{- if $own.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels: {{- include "troupe.selectorLabels" (dict "root" .root "name" .workload.name) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- if .workload.callers }}
    - from:
        {{- range .workload.callers }}
        {{- include "troupe.peer" (dict "root" $.root "name" .) | nindent 8 }}
        {{- end }}
      ports: [{port: grpc}, {port: http}]
    {{- end }}
    {{- if .workload.edge }}
    - ports: [{port: http}{{ if and .workload.grpc (not .workload.services) }}, {port: grpc}{{ end }}]
      {{- with $own.networkPolicy.edge }}
      from: {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- else if $own.networkPolicy.metrics }}
    - ports: [{port: http}]
      from: {{- toYaml $own.networkPolicy.metrics | nindent 8 }}
    {{- end }}
  egress:
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
    {{- if .workload.calls }}
    - to:
        {{- range .workload.calls }}
        {{- include "troupe.peer" (dict "root" $.root "name" .) | nindent 8 }}
        {{- end }}
      ports: [{port: {{ $own.ports.grpc }}}, {port: {{ $own.ports.http }}}]
    {{- end }}
    {{- $ports := $own.networkPolicy.egressPorts -}}
    {{- if .workload.needs.mongodb }}{{ $ports = append $ports .values.mongodb.port }}{{ end -}}
    {{- if .workload.needs.amqp }}{{ $ports = append $ports .values.rabbitmq.port }}{{ end -}}
    {{- if .workload.needs.kafka -}}
      {{- $ports = append $ports .values.kafka.port -}}
      {{- if or (hasPrefix "aws-" .values.kafka.brokers) (hasPrefix "aws-" .values.kafka.credentials) }}{{ $ports = append $ports 443 }}{{ end -}}
    {{- end }}
    {{- with $ports }}
    - ports:
        {{- range uniq . }}
        - {port: {{ . }}}
        {{- end }}
    {{- end }}
{{- end }}
{{- end }}
