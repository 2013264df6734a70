{{- define "orchestrator.name" -}}
{{- printf "%s" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "orchestrator.release-labels" -}}
app.kubernetes.io/name: ai-orchestrator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "orchestrator.labels" -}}
{{ include "orchestrator.release-labels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "orchestrator.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* No capability, no privilege, nothing of the image to write to. */}}
{{- define "orchestrator.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Addresses and the token are files; a key that the secret does not hold is no variable. Arguments: root, service. */}}
{{- define "orchestrator.environment" -}}
- { name: DATABASE_URL_FILE, value: /run/secrets/database-url }
- { name: REDIS_URL_FILE, value: /run/secrets/redis-url }
- { name: ORCHESTRATOR_HEALTH_ADDRESS, value: "0.0.0.0:8081" }
{{- if eq .service "scheduler" }}
- { name: ORCHESTRATOR_API_ADDRESS, value: "0.0.0.0:{{ .root.Values.api.port }}" }
- { name: ORCHESTRATOR_API_TOKEN_FILE, value: /run/secrets/api-token }
- { name: ORCHESTRATOR_REPOSITORIES, value: {{ join " " .root.Values.repositories | quote }} }
{{- end }}
{{- $keys := dict "GITHUB_TOKEN" "githubReadToken" "OTEL_EXPORTER_OTLP_HEADERS" "otelHeaders" }}
{{- if has .service (list "analyzer" "coder") }}
{{- $_ := set $keys "ANTHROPIC_API_KEY" "anthropicApiKey" }}
{{- $_ := set $keys "OPENAI_API_KEY" "openaiApiKey" }}
{{- end }}
{{- if has .service (list "notifier" "scheduler") }}
{{- $_ := set $keys "GITHUB_TOKEN" "githubToken" }}
{{- $_ := set $keys "GITHUB_APP_ID" "githubAppId" }}
{{- $_ := set $keys "GITHUB_APP_PRIVATE_KEY" "githubAppPrivateKey" }}
{{- end }}
{{- if eq .service "notifier" }}
{{- $_ := set $keys "DISCORD_WEBHOOK_URL" "discordWebhookUrl" }}
{{- $_ := set $keys "SLACK_WEBHOOK_URL" "slackWebhookUrl" }}
{{- $_ := set $keys "NOTIFY_WEBHOOK_URL" "notifyWebhookUrl" }}
{{- $_ := set $keys "NOTIFY_WEBHOOK_SECRET" "notifyWebhookSecret" }}
{{- $_ := set $keys "SMTP_URL" "smtpUrl" }}
{{- end }}
{{- if eq .service "scheduler" }}
{{- $_ := set $keys "GITHUB_WEBHOOK_SECRET" "githubWebhookSecret" }}
{{- end }}
{{- range $name, $key := $keys }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: { name: {{ $.root.Values.existingSecret }}, key: {{ get $.root.Values.secretKeys $key }}, optional: true }
{{- end }}
{{- range $name, $value := .root.Values.env }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{/* Only what the service needs of the secret. Arguments: root, service. */}}
{{- define "orchestrator.secret-items" -}}
- { key: {{ .root.Values.secretKeys.databaseUrl }}, path: database-url }
- { key: {{ .root.Values.secretKeys.redisUrl }}, path: redis-url }
{{- if eq .service "scheduler" }}
- { key: {{ .root.Values.secretKeys.apiToken }}, path: api-token }
{{- end }}
{{- end -}}
