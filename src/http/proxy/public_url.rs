//! An address by which browsers know the server where a proxy stands in front (`--public-url`).

use std::str::FromStr;

use crate::http::origin::web_origin::{NoOrigin, WebOrigin};

/// A public URL such as `https://board.example/sangkien`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    pub origin: WebOrigin,
    /// The path under which the pages are: empty, or with a slash before it and none behind it.
    pub prefix: String,
}

/// Why a text is no public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPublicUrl {
    #[error(transparent)]
    Origin(#[from] NoOrigin),
    #[error("browsers reach a server by https:// or http://")]
    Scheme,
    #[error("its path must be plain, as in https://board.example/sangkien, without ? and #")]
    Path,
}

impl FromStr for PublicUrl {
    type Err = NoPublicUrl;

    fn from_str(text: &str) -> Result<Self, NoPublicUrl> {
        let (origin, path) = WebOrigin::with_path(text)?;
        if !["http://", "https://"].iter().any(|it| origin.to_string().starts_with(it)) {
            return Err(NoPublicUrl::Scheme);
        }
        let prefix = prefix(path).ok_or(NoPublicUrl::Path)?;
        Ok(Self { origin, prefix: prefix.to_owned() })
    }
}

/// The path without the slash at its end; `None` where no page could lie under it.
pub fn prefix(path: &str) -> Option<&str> {
    let path = path.trim();
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-._~%".contains(it);
    let segments = || path.split('/').skip(1);
    let is_segment = |it: &str| !matches!(it, "" | "." | "..") && it.chars().all(is_plain);
    let is_good = path.is_empty() || (path.starts_with('/') && segments().all(is_segment));
    is_good.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_origin_with_or_without_a_path() {
        for (text, origin, prefix) in [
            ("https://board.example", "https://board.example", ""),
            ("https://board.example/", "https://board.example", ""),
            ("HTTPS://Board.Example:443/Thi-Dua/", "https://board.example", "/Thi-Dua"),
            ("http://10.0.0.5:8080/a/b", "http://10.0.0.5:8080", "/a/b"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!((url.origin.to_string().as_str(), url.prefix.as_str()), (origin, prefix));
        }
        for (text, expected) in [
            ("board.example", NoPublicUrl::Origin(NoOrigin::Scheme)),
            ("", NoPublicUrl::Origin(NoOrigin::Scheme)),
            ("wss://board.example", NoPublicUrl::Origin(NoOrigin::NotOfPages)),
            ("app://board", NoPublicUrl::Scheme),
            ("https://board.example//evil.example", NoPublicUrl::Path),
            ("https://board.example/a/../b", NoPublicUrl::Path),
            ("https://board.example/?a=b", NoPublicUrl::Path),
            ("https://board.example/#a", NoPublicUrl::Path),
            ("https://board.example/a b", NoPublicUrl::Path),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap_err(), expected, "{text}");
        }
    }
}
