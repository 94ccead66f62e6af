{{/* Where the Secret's keys are files. */}}
{{- define "troupe.secretsFolder" -}}/run/secrets/troupe{{- end }}

{{/* How the container is started. Context: root, values, topology, workload. */}}
{{- define "troupe.args" -}}
{{- $own := .workload.own -}}
{{- if $own.args -}}
{{ toYaml $own.args }}
{{- else -}}
- run
- /etc/troupe/topology.yaml
- /etc/troupe/pod.yaml
{{- range $name := keys .values.topologies | sortAlpha }}
- /etc/troupe/{{ $name }}.yaml
{{- end }}
{{- if and .workload.needs.mongodb .values.mongodb.key }}
- /etc/troupe/connection-mongodb.yaml
{{- end }}
{{- if and .workload.needs.amqp .values.rabbitmq.key }}
- /etc/troupe/connection-rabbitmq.yaml
{{- end }}
{{- range .workload.services }}
- --service={{ . }}
{{- end }}
- --http=:{{ $own.ports.http }}
{{- if .workload.grpc }}
- --grpc=:{{ $own.ports.grpc }}
{{- end }}
- --data=/data
{{- end -}}
{{- end }}

{{/* The variables that name this service's callees, where the topology has no address for them, and its Kafka. */}}
{{- define "troupe.env" -}}
{{- $env := dict -}}
{{- if .workload.services -}}
  {{- range .workload.calls -}}
    {{- $callee := get $.topology.services . | default dict -}}
    {{- if not $callee.address -}}
      {{- $_ := set $env (printf "%s_URL" (. | upper | replace "-" "_")) (printf "dns:///%s:%d" . (int $.workload.own.ports.grpc)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and .workload.needs.kafka .values.kafka.brokers -}}
  {{- $_ := set $env "KAFKA_BROKERS" .values.kafka.brokers -}}
  {{- $_ := set $env "KAFKA_ENCRYPTION" .values.kafka.encryption -}}
  {{- with .values.kafka.credentials }}{{ $_ := set $env "KAFKA_CREDENTIALS" . }}{{ end -}}
  {{- with .values.kafka.key }}{{ $_ := set $env "KAFKA_CREDENTIALS" (printf "file:%s/%s" (include "troupe.secretsFolder" $) .) }}{{ end -}}
  {{- with .values.kafka.authorities }}{{ $_ := set $env "KAFKA_AUTHORITIES" (printf "%s/%s" (include "troupe.secretsFolder" $) .) }}{{ end -}}
{{- end -}}
{{- $env = mergeOverwrite $env (dict "MONGOC_DISABLE_SHM" "1") .workload.own.env -}}
{{- range $name := keys $env | sortAlpha }}
- name: {{ $name }}
  value: {{ get $env $name | toString | quote }}
{{- end }}
{{- end }}

{{/* The Secret's keys that this workload reads, and no others. */}}
{{- define "troupe.secretKeys" -}}
{{- $keys := list -}}
{{- if .workload.needs.mongodb }}{{ $keys = list .values.mongodb.key .values.mongodb.authorities }}{{ end -}}
{{- if .workload.needs.amqp }}{{ $keys = concat $keys (list .values.rabbitmq.key .values.rabbitmq.authorities) }}{{ end -}}
{{- if .workload.needs.kafka }}{{ $keys = concat $keys (list .values.kafka.key .values.kafka.authorities) }}{{ end -}}
{{- compact $keys | uniq | mustToJson -}}
{{- end }}

{{/* The name of the account a workload runs as. */}}
{{- define "troupe.accountName" -}}
{{- get .workload.own.serviceAccount "name" | default .workload.name -}}
{{- end }}

{{/* The template of a workload's pods. Context: root, values, topology, workload. */}}
{{- define "troupe.pod" -}}
{{- $own := .workload.own -}}
{{- $context := dict "root" .root "name" .workload.name -}}
{{- $keys := include "troupe.secretKeys" . | fromJsonArray -}}
metadata:
  labels:
    {{- include "troupe.labels" $context | nindent 4 }}
    {{- with $own.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    kubectl.kubernetes.io/default-container: troupe
    checksum/topology: {{ include "troupe.files" . | sha256sum }}
    {{- with $own.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "troupe.accountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $own.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "troupe.podSecurity" . | nindent 4 }}
  {{- with $own.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $own.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if ne $own.spread "none" }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: {{ $own.spread }}
      labelSelector:
        matchLabels: {{- include "troupe.selectorLabels" $context | nindent 10 }}
      {{- if eq $.workload.kind "Deployment" }}
      matchLabelKeys: [pod-template-hash]
      {{- end }}
    {{- end }}
  {{- end }}
  containers:
    - name: troupe
      image: {{ include "troupe.image" (dict "root" .root "image" $own.image) }}
      imagePullPolicy: {{ $own.image.pullPolicy }}
      args:
        {{- include "troupe.args" . | trim | nindent 8 }}
      env:
        {{- include "troupe.env" . | trim | nindent 8 }}
      ports:
        - {name: http, containerPort: {{ $own.ports.http }}}
        {{- if .workload.grpc }}
        - {name: grpc, containerPort: {{ $own.ports.grpc }}}
        {{- end }}
      startupProbe:
        httpGet: {path: /livez, port: http}
        {{- toYaml $own.probes.startup | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        {{- toYaml $own.probes.readiness | nindent 8 }}
      livenessProbe:
        httpGet: {path: /livez, port: http}
        {{- toYaml $own.probes.liveness | nindent 8 }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      securityContext:
        {{- include "troupe.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /data}
        {{- if .text }}
        - {name: topology, mountPath: /etc/troupe, readOnly: true}
        {{- end }}
        {{- if $keys }}
        - {name: secrets, mountPath: {{ include "troupe.secretsFolder" . }}, readOnly: true}
        {{- end }}
  volumes:
    {{- if not .workload.volume }}
    - name: data
      emptyDir: {}
    {{- end }}
    {{- if .text }}
    - name: topology
      configMap: {name: {{ include "troupe.fullname" .root }}-topology}
    {{- end }}
    {{- if $keys }}
    - name: secrets
      secret:
        secretName: {{ include "troupe.secretName" . }}
        defaultMode: 0440
        items:
          {{- range $keys }}
          - {key: {{ . | quote }}, path: {{ . | quote }}}
          {{- end }}
    {{- end }}
{{- end }}
