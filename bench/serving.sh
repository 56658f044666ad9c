#!/usr/bin/env bash
# Serving against `mlflow models serve`, same model, one core each: bench/serving.sh IMAGE
# Or, with all metrics and drift against without any, in turn in one process: bench/serving.sh IMAGE observing
# Needs docker and the trainer's image. The server has core 0, the load core 1; traffic stays on loopback.
# BENCH_SECONDS is the length of one measurement (6; 40 of observing), BENCH_MODELS which classifiers
# ("logistic boosting").
set -euo pipefail
image=${1:?usage: bench/serving.sh IMAGE, a trainer image such as release.image of the outputs of a stack}
here=$(cd "$(dirname "$0")" && pwd)
run=seismic-bench-$$
volume=$run-store
cleanup() {
  docker ps -aq --filter "name=^$run-" | xargs -r docker rm -f >/dev/null
  docker volume ls -q --filter "name=^$volume\$" | xargs -r docker volume rm >/dev/null
}
trap cleanup EXIT

# One thread a library: the server has one core, and MLflow's server must not be slowed down by more.
common=(-v "$volume:/store" -v "$here/../trainer/seismic:/app/seismic:ro" -v "$here:/app/bench:ro" -w /app
  -e PYTHONPATH=/app -e PYTHONPYCACHEPREFIX=/store/pyc -e GIT_PYTHON_REFRESH=quiet -e OMP_NUM_THREADS=1 -e OPENBLAS_NUM_THREADS=1)
docker volume create "$volume" >/dev/null
echo "making the models" >&2
docker run --rm --name "$run-prepare" --network none "${common[@]}" "$image" python bench/serving.py prepare /store >&2

# serve SERVER MODEL COMMAND...: starts a server in a container of that name, until it listens.
serve() {
  local server=$1 model=$2
  shift 2
  [ "$model" = - ] || docker run --rm "${common[@]}" "$image" cat "/store/$model.env" >"$envfile"
  docker run -d --name "$run-$server" --network none --cpuset-cpus 0 --env-file "$envfile" "${common[@]}" "$image" "$@" >/dev/null
  docker exec "$run-$server" python -c '
import socket, time
for _ in range(600):
    try:
        socket.create_connection(("127.0.0.1", 8000)).close()
        break
    except OSError:
        time.sleep(0.2)
else:
    raise SystemExit("the server does not listen")' || { docker logs "$run-$server" >&2; exit 1; }
}

# client SERVER SCRIPT ARGUMENT...: runs a script beside a server.
client() {
  local server=$1
  shift
  docker run --rm --network "container:$run-$server" --pid "container:$run-$server" --cpuset-cpus 1 -e BENCH_SECONDS \
    "${common[@]}" "$image" python "$@" || { docker logs "$run-$server" >&2; exit 1; }
}

stop() {
  docker rm -f "$run-$1" >/dev/null
}

# measure SERVER MODEL COMMAND...: what becomes of requests to it.
measure() {
  serve "$@"
  echo "$1 $2" >&2
  client "$1" bench/serving.py load "$1" "$2" /store/results
  stop "$1"
}
envfile=$(mktemp)
trap 'rm -f "$envfile"; cleanup' EXIT
if [ "${2:-}" = observing ]; then
  # Comparing and scraping come every ten seconds.
  export BENCH_SECONDS=${BENCH_SECONDS:-40}
  for model in ${BENCH_MODELS:-logistic boosting}; do
    serve turns "$model" python bench/serving_turns.py turns
    client turns bench/serving_turns.py compare "$model"
    stop turns
  done
  exit
fi
export BENCH_SECONDS=${BENCH_SECONDS:-6}
for model in ${BENCH_MODELS:-logistic boosting}; do
  measure mlflow "$model" mlflow models serve -m "models:/$model/1" --env-manager local -h 127.0.0.1 -p 8000
  measure ours "$model" python -m seismic.serving
done
: >"$envfile"
measure parse - python bench/serving.py yardstick parse
measure parse-fastapi - python bench/serving.py yardstick parse-fastapi
docker run --rm "${common[@]}" "$image" python bench/serving.py table /store/results
