//! Gzip bodies: compressed once and sent many times, each time with another end.

use std::io;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

/// Magic, method, no flags, no time, no operating system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// A last block of bytes as they are (RFC 1951).
const LAST_STORED: u8 = 1;
const STEP: usize = 16 * 1024;

/// The beginning of a body, compressed. The rest follows as it is, in a block of its own.
#[derive(Debug)]
pub struct Gzip {
    beginning: Bytes,
    checksum: Crc,
}

impl Gzip {
    /// Compresses the beginning of bodies, fast.
    ///
    /// # Errors
    /// When the compressor cannot go on; never seen.
    pub fn of(beginning: &[u8]) -> io::Result<Self> {
        Self::compressed(beginning, Compression::fast())
    }

    /// Compresses a body that has no other end.
    ///
    /// # Errors
    /// The errors of [`Self::of`].
    pub fn whole(body: &[u8], level: Compression) -> io::Result<Bytes> {
        let gzip = Self::compressed(body, level)?;
        Ok([&gzip.beginning[..], &gzip.ending(b"")].concat().into())
    }

    fn compressed(beginning: &[u8], level: Compression) -> io::Result<Self> {
        let mut out = HEADER.to_vec();
        let mut deflate = Compress::new(level, false);
        loop {
            let done = usize::try_from(deflate.total_in()).unwrap_or(beginning.len());
            out.reserve(STEP);
            // So that the last block begins with a whole byte.
            deflate.compress_vec(&beginning[done..], &mut out, FlushCompress::Sync)?;
            if deflate.total_in() == beginning.len() as u64 && out.len() < out.capacity() {
                break;
            }
        }
        let mut checksum = Crc::new();
        checksum.update(beginning);
        Ok(Self { beginning: out.into(), checksum })
    }

    pub const fn beginning(&self) -> &Bytes {
        &self.beginning
    }

    /// The bytes to send after [`Self::beginning`] so that the body ends with `rest`, which is shorter than 64 KiB.
    pub fn ending(&self, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).expect("the rest of a body is short");
        let mut checksum = Crc::new();
        checksum.combine(&self.checksum);
        checksum.update(rest);
        let mut out = vec![LAST_STORED];
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(rest);
        out.extend(checksum.sum().to_le_bytes());
        out.extend(checksum.amount().to_le_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn it_unpacks_to_the_beginning_and_the_rest() {
        let mut chance = fastrand::Rng::with_seed(1);
        let noise: Vec<u8> = (0..300_000).map(|_| chance.u8(..)).collect();
        let words = "Công đoàn cơ sở xã Tân Thành ".repeat(10_000);
        for beginning in [&b""[..], b"a", &noise[..STEP - 1], &noise, words.as_bytes()] {
            let gzip = Gzip::of(beginning).unwrap();
            for rest in [&b""[..], b"}", &noise[..65_535]] {
                let whole = [&gzip.beginning()[..], &gzip.ending(rest)].concat();
                let mut unpacked = Vec::new();
                GzDecoder::new(&whole[..]).read_to_end(&mut unpacked).unwrap();
                assert!(unpacked == [beginning, rest].concat(), "{} bytes", beginning.len());
            }
        }
        let gzip = Gzip::of(words.as_bytes()).unwrap();
        assert!(gzip.beginning().len() < words.len() / 50);
        let whole = Gzip::whole(words.as_bytes(), Compression::best()).unwrap();
        assert!(whole.len() < gzip.beginning().len());
        let mut unpacked = Vec::new();
        GzDecoder::new(&whole[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == words.as_bytes());
    }
}
