{{- define "troupe.autoscaler" -}}
{{- if eq .workload.scaler "hpa" }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .workload.kind }}, name: {{ .workload.name }}}
  minReplicas: {{ .workload.own.autoscaling.minReplicas }}
  maxReplicas: {{ .workload.own.autoscaling.maxReplicas }}
  metrics:
    {{- range $name := list "cpu" "memory" }}
    {{- with get $.workload.own.autoscaling $name }}
    - type: Resource
      resource: {name: {{ $name }}, target: {type: Utilization, averageUtilization: {{ . }}}}
    {{- end }}
    {{- end }}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
{{- else if eq .workload.scaler "keda" }}
{{- $keda := .workload.own.keda }}
{{- $most := int $keda.maxReplicas }}
{{- range .workload.needs.streams }}
  {{- if or (eq $most 0) (and (eq (int $keda.maxReplicas) 0) (lt (int .partitions) $most)) }}{{ $most = int .partitions }}{{ end }}
{{- end }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .workload.kind }}, name: {{ .workload.name }}}
  minReplicaCount: {{ $keda.minReplicas }}
  maxReplicaCount: {{ $most | default 6 }}
  cooldownPeriod: {{ $keda.cooldownSeconds }}
  triggers:
    {{- range .workload.needs.streams }}
    - type: prometheus
      metadata:
        serverAddress: {{ $keda.prometheus }}
        query: sum(troupe_kafka_lag{namespace={{ $.root.Release.Namespace | quote }},topic={{ .stream | quote }},group={{ .group | quote }}})
        threshold: {{ $keda.lag | toString | quote }}
    {{- end }}
    {{- range .workload.needs.queues }}
    - type: rabbitmq
      metadata:
        protocol: amqp
        queueName: {{ . }}
        mode: QueueLength
        value: {{ $keda.queueLength | toString | quote }}
      authenticationRef: {name: {{ $.workload.name }}}
    {{- end }}
{{- if .workload.needs.queues }}
{{- if not .values.rabbitmq.key }}{{ fail "keda.enabled: the length of a queue is read with the URL at rabbitmq.key of the Secret; set it" }}{{ end }}
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  {{- include "troupe.metadata" . | nindent 2 }}
spec:
  secretTargetRef:
    - {parameter: host, name: {{ include "troupe.secretName" . }}, key: {{ .values.rabbitmq.key | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* Context of both: root, values. */}}
{{- define "troupe.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "troupe.fullname" .root }}
  labels:
    {{- include "troupe.labels" (dict "root" .root "name" (include "troupe.fullname" .root)) | nindent 4 }}
    {{- with .values.monitoring.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ .root.Release.Name }}
      app.kubernetes.io/part-of: {{ include "troupe.fullname" .root }}
  jobLabel: app.kubernetes.io/part-of
  targetLabels: [app.kubernetes.io/name]
  endpoints:
    - port: http
      path: /metrics
      interval: {{ .values.monitoring.interval }}
      honorLabels: true # the program's own label `service` names a service of the topology
{{- end }}

{{- define "troupe.rules" -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "troupe.fullname" .root }}
  labels:
    {{- include "troupe.labels" (dict "root" .root "name" (include "troupe.fullname" .root)) | nindent 4 }}
    {{- with .values.monitoring.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  groups:
    {{- /* The rules of deploy/observability, each asking only of this release. */}}
    {{- $of := printf "namespace=%q,job=%q" .root.Release.Namespace (include "troupe.fullname" .root) }}
    {{- $files := (index .root.Subcharts "troupe-library").Files }}
    {{- range list "alarms.yml" "recording.yml" }}
    {{- range ($files.Get . | fromYaml).groups }}
    {{- range .rules }}
    {{- $expr := regexReplaceAll "(troupe[_:]|grpc_(server|client)_)[a-z0-9_:]+" .expr (printf "${0}{%s}" $of) | replace "}{" "," }}
    {{- $expr = $expr | replace "{__name__" (printf "{%s,__name__" $of) | replace "{job=~\"troupe.*\"}" (printf "{%s}" $of) }}
    {{- $_ := set . "expr" ($expr | replace "by (job," "by (namespace, job,") }}
    {{- end }}
    - name: {{ .name }}
      rules: {{- toYaml .rules | nindent 8 }}
    {{- end }}
    {{- end }}
{{- end }}
