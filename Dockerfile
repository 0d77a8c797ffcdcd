# Serves an exported model with TensorFlow Serving; docs/how_to/docker.md says how. No Python and no seqkit is inside.
ARG TF_SERVING_VERSION=2.21.0
FROM tensorflow/serving:${TF_SERVING_VERSION}

# The folder of `export`, the one with saved_model.pb, as seen from the folder that is built. The user below reads it.
ARG MODEL=out/air_passengers_model
ENV MODEL_NAME=forecaster
COPY --chown=65534:65534 ${MODEL} /models/${MODEL_NAME}/1

# The image has no curl and no wget, so bash asks for itself. Healthy is a server with a version that is available.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "-c", "\
exec 3<>/dev/tcp/127.0.0.1/8501 && \
printf 'GET /v1/models/%s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' \"$MODEL_NAME\" >&3 && \
grep --quiet '\"state\": *\"AVAILABLE\"' <&3"]

# The user "nobody": the server only reads, and its ports are above 1024.
USER 65534:65534
