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
  targetLabels: [app.kubernetes.io/name]
  endpoints:
    - port: http
      path: /metrics
      interval: {{ .values.monitoring.interval }}
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
    - name: {{ include "troupe.fullname" .root }}
      rules:
        {{- $of := printf "namespace=%q" .root.Release.Namespace }}
        - alert: TroupeStalled
          expr: max by (service, channel, reason) (troupe_stalled_seconds{ {{- $of -}} }) > 60
          for: 1m
          labels: {severity: critical}
          annotations: {summary: 'What {{ "{{ $labels.channel }}" }} carries for {{ "{{ $labels.service }}" }} does not go on: {{ "{{ $labels.reason }}" }}; the log and /readyz have the remedy'}
        - alert: TroupeActorRestarts
          expr: sum by (service, actor) (increase(troupe_actor_restarts_total{ {{- $of -}} }[10m])) > 5
          labels: {severity: warning}
          annotations: {summary: 'Actor {{ "{{ $labels.actor }}" }} of {{ "{{ $labels.service }}" }} keeps failing; /tree has its last error'}
        - alert: TroupePartialAnswers
          expr: sum by (service, part) (rate(troupe_greeter_shortfalls_total{ {{- $of -}} }[5m])) > 0
          for: 5m
          labels: {severity: warning}
          annotations: {summary: 'Answers of {{ "{{ $labels.service }}" }} lack {{ "{{ $labels.part }}" }}'}
        - alert: TroupeDeadLetters
          expr: sum(increase({__name__=~"troupe_(embedded|kafka|amqp)_dead_lettered_total", {{ $of }}}[10m])) > 0
          labels: {severity: warning}
          annotations: {summary: 'Messages were set aside; troupe dead-letters list has the reasons'}
        - alert: TroupeKafkaLag
          expr: sum by (topic, group) (troupe_kafka_lag{ {{- $of -}} }) > 10000 and sum by (topic, group) (deriv(troupe_kafka_lag{ {{- $of -}} }[10m])) > 0
          for: 10m
          labels: {severity: warning}
          annotations: {summary: 'Group {{ "{{ $labels.group }}" }} falls behind on {{ "{{ $labels.topic }}" }}'}
        - alert: TroupeBreakerOpen
          expr: max by (to) (troupe_outbound_breaker_state{ {{- $of -}} }) == 2
          for: 1m
          labels: {severity: critical}
          annotations: {summary: '{{ "{{ $labels.to }}" }} is not asked, because it keeps failing'}
{{- end }}
