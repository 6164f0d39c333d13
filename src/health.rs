//! A probe for containers, which have no curl.

use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a plain `http://host:port/path` answers with 200.
///
/// # Errors
/// When the address cannot be understood, or nobody answers there.
pub async fn is_well(url: &str) -> anyhow::Result<bool> {
    let rest = url.strip_prefix("http://").context("the address must begin with http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let asked = async {
        let mut stream = TcpStream::connect(host).await?;
        let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
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
