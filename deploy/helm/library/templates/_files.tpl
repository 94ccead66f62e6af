{{/* The topology's files, and what says where the connections' secrets are. Context: root, values, text. */}}
{{- define "troupe.files" -}}
topology.yaml: |
  {{- .text | nindent 2 }}
pod.yaml: |
  {{- if not (get (.topology.node.shutdown | default dict) "announce") }}
  # Endpoints and proxies need a moment to notice that a pod ends, also where one process runs all services.
  node:
    shutdown:
      announce: 5s
  {{- else }}
  # The topology says how long an end is announced.
  node: {}
  {{- end }}
{{- range $name := keys .values.topologies | sortAlpha }}
{{ $name }}.yaml: |
  {{- get $.values.topologies $name | nindent 2 }}
{{- end }}
{{- with .values.mongodb }}
{{- if .key }}
connection-mongodb.yaml: |
  node:
    store: mongodb
    mongodb:
      uri: file:{{ include "troupe.secretsFolder" . }}/{{ .key }}
      {{- with .authorities }}
      authorities: {{ include "troupe.secretsFolder" $ }}/{{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- with .values.rabbitmq }}
{{- if .key }}
connection-rabbitmq.yaml: |
  node:
    queues: amqp
    amqp:
      url: file:{{ include "troupe.secretsFolder" . }}/{{ .key }}
      {{- with .authorities }}
      tls:
        authorities: {{ include "troupe.secretsFolder" $ }}/{{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "troupe.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "troupe.fullname" .root }}-topology
  labels: {{- include "troupe.labels" (dict "root" .root "name" (include "troupe.fullname" .root)) | nindent 4 }}
data:
  {{- include "troupe.files" . | nindent 2 }}
{{- end }}

{{- define "troupe.secret" -}}
{{- $labels := include "troupe.labels" (dict "root" .root "name" (include "troupe.fullname" .root)) -}}
{{- with .values.secret }}
{{- if and .data .external.store }}{{ fail "secret.data: secret.external already fills the Secret; remove one of the two" }}{{ end }}
{{- if .data }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "troupe.secretName" $ }}
  labels: {{- $labels | nindent 4 }}
type: Opaque
stringData: {{- toYaml .data | nindent 2 }}
{{- else if .external.store }}
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {{ include "troupe.secretName" $ }}
  labels: {{- $labels | nindent 4 }}
spec:
  refreshInterval: {{ .external.refresh }}
  secretStoreRef: {name: {{ .external.store }}, kind: {{ .external.kind }}}
  target: {name: {{ include "troupe.secretName" $ }}, creationPolicy: Owner}
  data:
    {{- range $key, $remote := .external.keys }}
    - secretKey: {{ $key | quote }}
      remoteRef: {{- toYaml $remote | nindent 8 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}
