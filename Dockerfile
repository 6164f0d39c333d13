# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# A layer with the dependencies alone, built again only when the manifest or the lock changes.
# Cargo wants every target the manifest names, so stubs stand in for ours; their outputs are
# cleaned, since the real files may be older than they are.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src benches \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && awk -F'"' '/^\[/ { bench = /^\[\[bench\]\]/ } bench && /^name *=/ { print $2 }' Cargo.toml \
        | while read -r bench; do echo 'fn main() {}' > "benches/$bench.rs"; done \
    && cargo build --release --locked \
    && cargo clean --release --package sangkien \
    && rm -r src benches

COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sangkien \
    && install --directory --owner=sangkien --group=sangkien --mode=0750 /data
COPY --from=build /src/target/release/sangkien /usr/local/bin/sangkien
COPY LICENSE-MIT LICENSE-APACHE wall/OFL.txt wall/LICENSE-lean-qr /usr/share/doc/sangkien/
USER sangkien
VOLUME /data
EXPOSE 8080
# Nothing but /data is written to, and /tmp by large imports: docker run --read-only --tmpfs /tmp.
# It ends in order by this; how long that may take, whoever starts the container says (docs/operators/EVERY-DAY.md).
STOPSIGNAL SIGTERM
# A start makes what an import has left out, which takes minutes where there is much of it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5m --retries=3 \
    CMD ["sangkien", "health", "--url", "http://127.0.0.1:8080/health/serving"]
ENTRYPOINT ["sangkien"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--database", "sqlite:///data/sangkien.db"]
