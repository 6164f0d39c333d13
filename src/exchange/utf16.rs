//! A file in UTF-16, as Excel saves "Unicode Text": made into UTF-8 in a scratch file.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, Write as _};

use encoding_rs::{CoderResult, Encoding, UTF_16BE, UTF_16LE};

const BUFFER: usize = 64 * 1024;

/// The encoding that the mark at the beginning of a file tells.
pub fn told_by(sample: &[u8]) -> Option<&'static Encoding> {
    match sample {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The text in UTF-8. A half of a character becomes U+FFFD.
///
/// # Errors
/// When the file cannot be read, or the scratch file not be written.
pub fn to_utf8(mut file: &File, encoding: &'static Encoding) -> io::Result<File> {
    file.rewind()?;
    let mut source = BufReader::new(file);
    let mut scratch = tempfile::tempfile()?;
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut bytes = vec![0; BUFFER];
    let mut text = vec![0; 2 * BUFFER];
    loop {
        let count = source.read(&mut bytes)?;
        let mut from = 0;
        loop {
            let is_last = count == 0;
            let (result, read, written, _) =
                decoder.decode_to_utf8(&bytes[from..count], &mut text, is_last);
            scratch.write_all(&text[..written])?;
            from += read;
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if count == 0 {
            return Ok(scratch);
        }
    }
}
