{{/* The chart's values over the library's defaults. Context: the root. */}}
{{- define "troupe.values" -}}
{{- $defaults := deepCopy (index .Values "troupe-library" | default dict) -}}
{{- $own := omit .Values "troupe-library" "global" -}}
{{- mustToJson (mustMergeOverwrite $defaults (deepCopy $own)) -}}
{{- end }}

{{/* The name of what belongs to the whole release. Context: the root. */}}
{{- define "troupe.fullname" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "troupe.secretName" -}}
{{- .values.secret.name | default (printf "%s-connections" (include "troupe.fullname" .root)) -}}
{{- end }}

{{/* Context: root, name. */}}
{{- define "troupe.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "troupe.labels" -}}
{{ include "troupe.selectorLabels" . }}
app.kubernetes.io/part-of: {{ include "troupe.fullname" .root }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
{{- end }}

{{/* Context: root, image: the merged values of an image. */}}
{{- define "troupe.image" -}}
{{- if not .image.repository }}{{ fail "image.repository is missing: set it to where your registry keeps the image" }}{{ end -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What Pod Security "restricted" asks of a container, and a root that is read only. */}}
{{- define "troupe.containerSecurity" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end }}

{{- define "troupe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}
