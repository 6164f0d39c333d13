//! The log on stderr, and beside it traces, if they are gathered.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::panics;
use crate::traces::{NOT_LOGGED, TracerProvider};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// An object a line, for whoever gathers them.
    Json,
}

/// Begins to log, for the whole process, panics too. `SANGKIEN_LOG` says how much is logged.
pub fn start(format: Format, tracers: Option<&TracerProvider>) {
    let asked = std::env::var("SANGKIEN_LOG").ok().filter(|it| !it.trim().is_empty());
    let filter = asked
        .and_then(|it| EnvFilter::try_new(it).ok())
        .unwrap_or_else(|| EnvFilter::new("info,sqlx::query=error"));
    subscriber(format, filter, tracers).init();
    panics::log();
}

fn subscriber(
    format: Format,
    filter: EnvFilter,
    tracers: Option<&TracerProvider>,
) -> impl Subscriber + Send + Sync {
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_watched());
    let lines = match format {
        Format::Text => lines.boxed(),
        // A line is in the span of its request.
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let filter = filter.add_directive(NOT_LOGGED.parse().expect("a target and a level"));
    let mut layers = vec![lines.with_filter(filter).boxed()];
    layers.extend(tracers.map(|it| it.layer().boxed()));
    tracing_subscriber::registry().with(layers)
}

/// Whether lines are coloured: a person reads them at a terminal, and NO_COLOR is not set.
fn is_watched() -> bool {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    std::io::stderr().is_terminal() && !is_unwanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces;

    #[test]
    fn spans_of_traces_are_not_there_where_nobody_gathers_them() {
        for filter in ["info", "trace", "sangkien=trace", "off"] {
            let subscriber = subscriber(Format::Text, EnvFilter::new(filter), None);
            tracing::subscriber::with_default(subscriber, || {
                assert!(traces::command().is_disabled(), "{filter}");
                assert_eq!(tracing::info_span!("logged").is_disabled(), filter == "off");
            });
        }
    }
}
