//! The encoding of opaque texts: cursors, global ids, tokens and tags. It is base64 for addresses (RFC 4648, 5),
//! without padding, so that texts need no escapes in an address, a header or JSON.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Like [`encode`], but appends to `text`.
pub fn encode_into(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// `None` for a text that [`encode`] did not make.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_returns_the_bytes_and_refuses_other_texts() {
        for bytes in [&b""[..], b"a", b"ab", b"abc", &[0xfb, 0xff, 0xfe]] {
            let text = encode(bytes);
            assert!(text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)));
            assert_eq!(decode(&text).as_deref(), Some(bytes));
            let mut behind = "mark:".to_owned();
            encode_into(bytes, &mut behind);
            assert_eq!(behind, format!("mark:{text}"));
        }
        for text in ["a", "+/8", "YQ==", "Y Q", "ạ"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
