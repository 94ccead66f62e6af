{{/* The topology as it is with all its files. Context: root, values, text. */}}
{{- define "troupe.topology" -}}
{{- $whole := dict "services" dict "streams" dict "queues" dict "node" dict -}}
{{- $files := merge (dict "topology" .text) .values.topologies -}}
{{- range $name, $text := $files -}}
  {{- $file := fromYaml $text -}}
  {{- if and (hasKey $file "Error") (not (hasKey $file "services")) -}}
    {{- fail (printf "the topology %s is no YAML: %s" $name $file.Error) -}}
  {{- end -}}
  {{- $defaults := $file.defaults | default dict -}}
  {{- range $service, $parts := $file.services -}}
    {{- $_ := set $whole.services $service (include "troupe.service" (dict "parts" ($parts | default dict) "defaults" $defaults) | fromJson) -}}
  {{- end -}}
  {{- range $part := list "streams" "queues" -}}
    {{- range $channel, $settings := get $file $part | default dict }}{{ $_ := set (get $whole $part) $channel ($settings | default dict) }}{{ end -}}
  {{- end -}}
  {{- $_ := set $whole "node" (merge $whole.node ($file.node | default dict)) -}}
{{- end -}}
{{- range $name, $_ := .values.services -}}
  {{- if not (or (hasKey $whole.services $name) (empty $.text)) -}}
    {{- fail (printf "services.%s: the topology has no service of this name; it has %s" $name (keys $whole.services | sortAlpha | join ", ")) -}}
  {{- end -}}
{{- end -}}
{{- mustToJson $whole -}}
{{- end }}

{{/* A service with the defaults of its file, whose calls are a list. Context: parts, defaults. */}}
{{- define "troupe.service" -}}
{{- $service := deepCopy .parts -}}
{{- if $service.greeter -}}
  {{- $greeter := merge $service.greeter (deepCopy (.defaults.greeter | default dict)) -}}
  {{- if kindIs "string" $greeter.calls }}{{ $_ := set $greeter "calls" (list $greeter.calls) }}{{ end -}}
  {{- $_ := set $service "greeter" $greeter -}}
{{- end -}}
{{- range $part := list "producer" "consumer" -}}
  {{- $key := printf "%ss" $part -}}
  {{- $each := list -}}
  {{- range get $service $key | default list -}}
    {{- $each = append $each (merge . (deepCopy (get $.defaults $part | default dict))) -}}
  {{- end -}}
  {{- $_ := set $service $key $each -}}
{{- end -}}
{{- mustToJson $service -}}
{{- end }}

{{/* Milliseconds of a duration as topologies write it. */}}
{{- define "troupe.milliseconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mul $number (get (dict "ms" 1 "s" 1000 "min" 60000 "h" 3600000 "d" 86400000) $unit | default 0 | int64) -}}
{{- end }}

{{/* Refuses what the pods would refuse, or be killed for, where only their log would say so. Context: topology, values. */}}
{{- define "troupe.refusals" -}}
{{- $node := .topology.node -}}
{{- $steps := merge (deepCopy ($node.shutdown | default dict)) (dict "announce" "5s" "drain" "30s" "flush" "8s" "commit" "5s" "close" "3s" "telemetry" "2s") -}}
{{- $together := 0 -}}
{{- range $_, $step := $steps -}}
  {{- $together = add $together (include "troupe.milliseconds" $step | int64) -}}
{{- end -}}
{{- if gt $together (mul 1000 (.values.terminationGracePeriodSeconds | int64)) -}}
  {{- fail (printf "terminationGracePeriodSeconds: the steps of node.shutdown together take %d s, and the pod is killed after %d s; raise it, or shorten a step" (div $together 1000) (.values.terminationGracePeriodSeconds | int64)) -}}
{{- end -}}
{{- if and .values.mongodb.key (or $node.store $node.mongodb) -}}
  {{- fail "mongodb.key: the topology has node.store or node.mongodb of its own; remove one of the two" -}}
{{- end -}}
{{- if and .values.rabbitmq.key (or $node.queues (get ($node.amqp | default dict) "url")) -}}
  {{- fail "rabbitmq.key: the topology has node.queues or node.amqp.url of its own; remove one of the two" -}}
{{- end -}}
{{- $servers := dict "mongodb" .values.mongodb.key "rabbitmq" .values.rabbitmq.key "kafka" .values.kafka.brokers -}}
{{- range $name, $service := .values.services -}}
  {{- range $service.uses -}}
    {{- if and (hasKey $servers .) (empty (get $servers .)) -}}
      {{- fail (printf "services.%s.uses: nothing says where %s is; set %s.%s" $name . . (ternary "brokers" "key" (eq . "kafka"))) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and .values.kafka.credentials .values.kafka.key -}}
  {{- fail "kafka.key: kafka.credentials already says where they are kept; remove one of the two" -}}
{{- end -}}
{{- end }}

{{/* What carries or keeps something: embedded, kafka, amqp, mongodb. */}}
{{- define "troupe.streamCarrier" -}}
{{- $own := get (get .topology.streams .name | default dict) "via" -}}
{{- $own | default .topology.node.streams | default (ternary "kafka" "embedded" (not (empty .values.kafka.brokers))) -}}
{{- end }}

{{- define "troupe.queueCarrier" -}}
{{- $own := get (get .topology.queues .name | default dict) "via" -}}
{{- $own | default .topology.node.queues | default (ternary "amqp" "embedded" (or (not (empty .values.rabbitmq.key)) (not (empty .service.amqp)))) -}}
{{- end }}

{{- define "troupe.store" -}}
{{- if .service.mongodb -}}mongodb
{{- else -}}
{{- .topology.node.store | default (ternary "mongodb" "sqlite" (not (empty .values.mongodb.key))) -}}
{{- end -}}
{{- end }}

{{/* What one service of the topology needs. Context: topology, values, name. */}}
{{- define "troupe.needs" -}}
{{- $service := get .topology.services .name | default dict -}}
{{- $greeter := $service.greeter | default dict -}}
{{- $needs := dict "kafka" false "amqp" false "mongodb" false "embedded" list "volume" false "static" false "streams" list "queues" list -}}
{{- $channels := list -}}
{{- $documents := not (empty $greeter.store) -}}
{{- with $greeter.publish }}{{ $channels = append $channels . }}{{ end -}}
{{- range $service.producers }}{{ $channels = append $channels .to }}{{ end -}}
{{- range $service.consumers -}}
  {{- $channels = append $channels .from -}}
  {{- with .into }}{{ $channels = append $channels . }}{{ end -}}
  {{- if .store }}{{ $documents = true }}{{ end -}}
  {{- if eq (.membership | default "") "static" }}{{ $_ := set $needs "static" true }}{{ end -}}
{{- end -}}
{{- range $channel := uniq $channels -}}
  {{- $carrier := "" -}}
  {{- if hasKey $.topology.queues $channel -}}
    {{- $carrier = include "troupe.queueCarrier" (dict "topology" $.topology "values" $.values "service" $service "name" $channel) -}}
  {{- else -}}
    {{- $carrier = include "troupe.streamCarrier" (dict "topology" $.topology "values" $.values "name" $channel) -}}
  {{- end -}}
  {{- if eq $carrier "embedded" -}}
    {{- $_ := set $needs "embedded" (append $needs.embedded $channel) -}}
    {{- $_ := set $needs "volume" true -}}
  {{- else -}}
    {{- $_ := set $needs $carrier true -}}
  {{- end -}}
{{- end -}}
{{- range $service.consumers -}}
  {{- if and (hasKey $.topology.queues .from) (not (has .from $needs.embedded)) -}}
    {{- $_ := set $needs "queues" (append $needs.queues .from) -}}
  {{- else if and (hasKey $.topology.streams .from) (not (has .from $needs.embedded)) -}}
    {{- $partitions := get (get $.topology.streams .from | default dict) "partitions" | default 3 -}}
    {{- $_ := set $needs "streams" (append $needs.streams (dict "stream" .from "group" .group "partitions" $partitions)) -}}
  {{- end -}}
{{- end -}}
{{- if $documents -}}
  {{- if eq (include "troupe.store" (dict "topology" .topology "values" .values "service" $service)) "mongodb" -}}
    {{- $_ := set $needs "mongodb" true -}}
  {{- else -}}
    {{- $_ := set $needs "volume" true -}}
  {{- end -}}
{{- end -}}
{{- mustToJson $needs -}}
{{- end }}

{{/*
The workloads of the release, as a list: name, services (those of the topology that run in it), kind, grpc, volume, needs, calls,
callers, own (the merged values of this workload). Context: root, values, topology, text.
*/}}
{{- define "troupe.workloads" -}}
{{- $root := .root -}}{{- $values := .values -}}{{- $topology := .topology -}}
{{- $names := keys $topology.services | sortAlpha -}}
{{- if and (empty .text) (empty $topology.services) -}}
  {{- $names = keys $values.services | sortAlpha -}}
  {{- range $names -}}
    {{- if not (get $values.services .).args -}}
      {{- fail (printf "services.%s.args is missing: without a topology it must say how the program is started (or set the topology with --set-file topology=FILE)" .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if empty $names }}{{ fail "topology is missing: set it with --set-file topology=FILE, or services with args where your program needs none" }}{{ end -}}
{{- $tls := (get ($topology.node.grpc | default dict) "tls") -}}
{{- $plain := eq (get ($topology.node.grpc | default dict) "without-tls" | default "loopback") "anywhere" -}}
{{- $all := list -}}
{{- $users := dict -}}
{{- $callers := dict -}}
{{- range $name := $names -}}
  {{- $service := get $topology.services $name | default dict -}}
  {{- $calls := list -}}
  {{- with $service.gateway }}{{ $calls = append $calls . }}{{ end -}}
  {{- $called := get ($service.greeter | default dict) "calls" -}}
  {{- with $called }}{{ $calls = concat $calls . }}{{ end -}}
  {{- $code := get $values.services $name | default dict -}}
  {{- range $code.calls -}}
    {{- if and $topology.services (not (hasKey $topology.services .)) }}{{ fail (printf "services.%s.calls: there is no service %s in the topology" $name .) }}{{ end -}}
    {{- $calls = append $calls . -}}
  {{- end -}}
  {{- $calls = uniq $calls -}}
  {{- range $calls }}{{ $_ := set $callers . (append (get $callers . | default list) $name) }}{{ end -}}
  {{- $needs := include "troupe.needs" (dict "topology" $topology "values" $values "name" $name) | fromJson -}}
  {{- range $code.uses }}{{ $_ := set $needs (get (dict "rabbitmq" "amqp") . | default .) true }}{{ end -}}
  {{- range $needs.embedded }}{{ $_ := set $users . (append (get $users . | default list) $name) }}{{ end -}}
  {{- $all = append $all (dict "name" $name "services" (list $name) "needs" $needs "calls" $calls "grpc" (or (not (empty $service.greeter)) (has "grpc" ($code.uses | default list)))) -}}
{{- end -}}
{{- if eq $values.layout "one" -}}
  {{- $needs := dict "kafka" false "amqp" false "mongodb" false "embedded" list "volume" true "static" false "streams" list "queues" list -}}
  {{- range $all -}}
    {{- $one := . -}}
    {{- range $key := list "kafka" "amqp" "mongodb" }}{{ if get $one.needs $key }}{{ $_ := set $needs $key true }}{{ end }}{{ end -}}
  {{- end -}}
  {{- $all = list (dict "name" (include "troupe.fullname" $root) "services" list "needs" $needs "calls" list "grpc" (or $plain (not (empty $tls)))) -}}
{{- else -}}
  {{- range $channel, $names := $users -}}
    {{- if gt (len $names) 1 -}}
      {{- fail (printf "layout: %s share %q, which is embedded and lives in one process; set rabbitmq.key for a queue, kafka.brokers for a stream, or layout=one" (join " and " $names) $channel) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $result := list -}}
{{- range $all -}}
  {{- $overrides := get $values.services .name | default dict -}}
  {{- if and (eq $values.layout "one") $values.services }}{{ fail "services: in the layout `one` there is one workload; set its values at the top" }}{{ end -}}
  {{- $own := mustMergeOverwrite (deepCopy (omit $values "services" "topology" "topologies")) (deepCopy $overrides) -}}
  {{- if and .grpc (not $plain) (empty $tls) (not $own.args) -}}
    {{- fail (printf "topology: %s would serve gRPC on a network without TLS, which the program refuses; set node.grpc.tls, or node.grpc.without-tls to anywhere where a mesh encrypts" .name) -}}
  {{- end -}}
  {{- $volume := and .needs.volume $own.data.persistent -}}
  {{- $kind := ternary "StatefulSet" "Deployment" (or $volume .needs.static) -}}
  {{- $alone := or (eq $values.layout "one") (not (empty .needs.embedded)) -}}
  {{- if $alone -}}
    {{- if and (hasKey $overrides "replicas") (gt (int $overrides.replicas) 1) -}}
      {{- fail (printf "services.%s.replicas: %s is embedded and lives in one pod; set rabbitmq.key for a queue, kafka.brokers for a stream" .name (join " and " .needs.embedded)) -}}
    {{- end -}}
    {{- $_ := set $own "replicas" 1 -}}
  {{- end -}}
  {{- $scaler := "" -}}
  {{- if not $alone -}}
    {{- if and $own.keda.enabled (or .needs.queues .needs.streams) }}{{ $scaler = "keda" }}{{ else if $own.autoscaling.enabled }}{{ $scaler = "hpa" }}{{ end -}}
  {{- end -}}
  {{- $more := dict "kind" $kind "volume" $volume "own" $own "scaler" $scaler "callers" (get $callers .name | default list | uniq) -}}
  {{- $result = append $result (merge $more .) -}}
{{- end -}}
{{- mustToJson $result -}}
{{- end }}
