//! A probe for containers, which have no curl.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::http::Uri;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(5);
const PORT: u16 = 80;
/// The path that is asked where the URL has none.
const PATH: &str = "/health/serving";

/// Whether a plain `http://host:port/path` answers with 200.
///
/// # Errors
/// When the address cannot be understood, or no server answers there.
pub async fn is_well(url: &str) -> anyhow::Result<bool> {
    let Target { host, port, path } = Target::parse(url)?;
    let asked = async {
        // The brackets of `[::1]` are of the address alone.
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let mut stream = TcpStream::connect((name, port)).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<String, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(PATIENCE, asked)
        .await
        .with_context(|| format!("{url} does not answer"))?
        .with_context(|| format!("cannot ask {url}"))?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}

#[derive(Debug, PartialEq, Eq)]
struct Target {
    host: String,
    port: u16,
    path: String,
}

impl Target {
    fn parse(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url:?} is no address"))?;
        ensure!(uri.scheme_str() == Some("http"), "the address must begin with http://");
        let authority = uri.authority().context("the address names no host")?;
        let port = authority.port_u16();
        // The library reads a port that is no number as no port at all.
        ensure!(port.is_some() || authority.as_str() == authority.host(), "the port is none");
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            host: authority.host().to_owned(),
            port: port.unwrap_or(PORT),
            path: if path == "/" { PATH } else { path }.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_out_what_goes_without_saying() {
        for (url, host, port, path) in [
            ("http://127.0.0.1:8080/health/live", "127.0.0.1", 8080, "/health/live"),
            ("http://server/health/live", "server", 80, "/health/live"),
            ("http://server", "server", 80, PATH),
            ("http://server:8080/", "server", 8080, PATH),
            ("http://[::1]/health/ready?x", "[::1]", 80, "/health/ready?x"),
            ("http://[::1]:8080", "[::1]", 8080, PATH),
            ("HTTP://server/a", "server", 80, "/a"),
        ] {
            let (host, path) = (host.to_owned(), path.to_owned());
            assert_eq!(Target::parse(url).unwrap(), Target { host, port, path }, "{url}");
        }
        for wrong in [
            "",
            "server:8080",
            "https://server",
            "http://",
            "http://server:x/",
            "http://server:99999/",
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
