# shellcheck shell=bash
# What the scripts of this folder share. Each setting is a variable of the environment.

: "${PROJECT:=}"                      # the Google Cloud project; must be given
: "${REGION:=us-central1}"            # the cluster has nodes in three of its zones
: "${CLUSTER:=troupe}"
: "${CHANNEL:=regular}"               # GKE's release channel, which keeps the version current
: "${MACHINE:=e2-standard-2}"
: "${OPERATORS:=}"                    # CIDR blocks that may reach the cluster's API, separated by commas; must be given
: "${DOMAIN:=example-api.com}"        # hosts are ui.ENVIRONMENT.DOMAIN and api.ENVIRONMENT.DOMAIN
: "${DNS_ZONE:=}"                     # the zone of Cloud DNS with DOMAIN; set-dns needs it
: "${ENVIRONMENTS:=dev test}"         # namespaces
: "${IMAGE:=}"                        # where a registry keeps the program's image; deploy needs it
: "${TAG:=}"                          # its tag; the chart's own version without it
: "${MONGO_CONN:=}"                   # connection string of MongoDB; deploy needs it
: "${RABBITMQ_CONN:=}"                # URL of RabbitMQ; deploy needs it

gke=$(CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deploy=$(dirname "$gke")
# shellcheck disable=SC2034 # the scripts use them
readonly gke deploy address=$CLUSTER-gateway nodes=$CLUSTER-nodes
dry_run=no

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 2; }

# Reads the options of every script.
options() { # ARGUMENT...
  local argument
  for argument in "$@"; do
    case $argument in
      --dry-run) dry_run=yes ;;
      -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
      *) die "unknown argument '$argument'; expected --dry-run or --help" ;;
    esac
  done
}

# Fails unless these settings are given.
need() { # NAME...
  local name missing=()
  for name in "$@"; do [ -n "${!name}" ] || missing+=("$name"); done
  [ ${#missing[@]} -eq 0 ] || die "not set: ${missing[*]}; README.md explains the settings"
}

# Runs what changes something, or prints it.
run() { # COMMAND...
  if [ "$dry_run" = yes ]; then
    printf '%q ' "$@"
    printf '\n'
  else
    say "$(printf '%q ' "$@")"
    "$@"
  fi
}

cloud() { gcloud --quiet --project "$PROJECT" "$@"; }
run_cloud() { run gcloud --quiet --project "$PROJECT" "$@"; }

# Whether a `describe` finds what it asks for. Another error than its absence ends the script.
exists() { # GCLOUD ARGUMENT...
  local said
  said=$(cloud "$@" --format 'value(name)' 2>&1 > /dev/null) && return 0
  case $said in
    *NOT_FOUND* | *"not found"* | *"Not found"* | *"notFound"* | *"does not exist"*) return 1 ;;
  esac
  printf '%s\n' "$said" >&2
  die "gcloud $* failed"
}

# The Kubernetes context of the cluster: nothing here touches another one.
context() { printf 'gke_%s_%s_%s\n' "$PROJECT" "$REGION" "$CLUSTER"; }

credentials() { run_cloud container clusters get-credentials "$CLUSTER" --region "$REGION"; }
