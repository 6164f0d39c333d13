//! Digests of hashable values, for comparing values that are too large to keep or to send.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io;

use sha2::{Digest as _, Sha256};

/// The digest of a value: the same for equal values, and different for others, up to the odds of 128 bits, on every
/// node that runs the same program.
///
/// `Hash` writes a value so that its bytes are never the beginning of another value's: texts with an end, lists with
/// their length, variants with their number. So different values are written differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    pub fn of(thing: &impl Hash) -> Self {
        let mut feed = Feed(Sha256::new());
        thing.hash(&mut feed);
        let mut first_half = [0; 16];
        first_half.copy_from_slice(&feed.0.finalize()[..16]);
        Self(first_half)
    }
}

/// The digest in hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The SHA-256 of all that is read, in hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn of_bytes(mut source: impl io::Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut source, &mut digest)?;
    Ok(hex(&digest.finalize()))
}

/// Bytes as hexadecimal digits, two for each, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Feeds the bytes of `Hash` to SHA-256.
struct Feed(Sha256);

impl Hasher for Feed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// A part of the digest; [`Digest::of`] takes the whole.
    fn finish(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0.clone().finalize()[..8]);
        u64::from_le_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_two_digits_each() {
        assert_eq!(hex(&[]), "");
        assert_eq!(hex(&[0, 9, 10, 0xf0, 0xff]), "00090af0ff");
    }

    #[test]
    fn different_sequences_have_different_digests() {
        let texts = |texts: &[&str]| Digest::of(&texts);
        assert_eq!(texts(&["a", "b"]), texts(&["a", "b"]));
        let different = [
            texts(&["ab"]),
            texts(&["a", "b"]),
            texts(&["b", "a"]),
            texts(&["a", "", "b"]),
            texts(&["a,b"]),
            texts(&[]),
            Digest::of(&(None::<u8>, Some(1_u8))),
            Digest::of(&(Some(1_u8), None::<u8>)),
            Digest::of(&(vec![1_u8], vec![2_u8])),
            Digest::of(&(vec![1_u8, 2], Vec::<u8>::new())),
        ];
        for (place, one) in different.iter().enumerate() {
            assert!(different[place + 1..].iter().all(|other| other != one), "{place}");
        }
    }
}
