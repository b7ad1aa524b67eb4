//! RecordIO: `<length in decimal>\n<record>`, over and over, in a body that does not end.
//!
//! Source: Mesos's scheduler HTTP API, "RecordIO response format".

use bytes::{Buf, Bytes, BytesMut};

/// The largest record that [`Decoder::default`] takes, bytes: the state of a cluster of 10,000 agents fits.
pub const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;

/// The longest header that can be right: the digits of a 64-bit number.
const MAX_DIGITS: usize = 20;

/// Why a stream is not RecordIO, or not one that we take. The stream cannot be read any further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Where a length should stand, there is something else.
    #[error("a record's length is not a number")]
    BadLength,
    /// A record is longer than the limit.
    #[error("a record of {length} bytes is longer than the limit of {limit}")]
    TooLong {
        /// What the header says.
        length: u64,
        /// What we take.
        limit: usize,
    },
}

/// Cuts a stream of bytes into records, however the bytes arrive.
///
/// ```
/// let mut decoder = mesos::recordio::Decoder::default();
/// decoder.feed(b"5\nhel");
/// assert_eq!(decoder.next_record(), Ok(None));
/// decoder.feed(b"lo3\nyou");
/// assert_eq!(decoder.next_record().unwrap().unwrap(), "hello");
/// assert_eq!(decoder.next_record().unwrap().unwrap(), "you");
/// ```
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    limit: usize,
    /// The length of the record whose header has been read.
    expected: Option<usize>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl Decoder {
    /// A decoder that takes records of at most `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), limit, expected: None }
    }

    /// Takes more of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole record, or none until more is fed.
    pub fn next_record(&mut self) -> Result<Option<Bytes>, DecodeError> {
        let length = match self.expected {
            Some(length) => length,
            None => match self.header()? {
                Some(length) => *self.expected.insert(length),
                None => return Ok(None),
            },
        };
        if self.buffer.len() < length {
            return Ok(None);
        }
        self.expected = None;
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Reads the header off the buffer, if it is whole.
    fn header(&mut self) -> Result<Option<usize>, DecodeError> {
        let window = &self.buffer[..self.buffer.len().min(MAX_DIGITS + 1)];
        let Some(end) = window.iter().position(|&byte| byte == b'\n') else {
            let hopeless = window.len() > MAX_DIGITS || !window.iter().all(u8::is_ascii_digit);
            return if hopeless { Err(DecodeError::BadLength) } else { Ok(None) };
        };
        let length = parse_length(&window[..end])?;
        let length = usize::try_from(length)
            .ok()
            .filter(|&fits| fits <= self.limit)
            .ok_or(DecodeError::TooLong { length, limit: self.limit })?;
        self.buffer.advance(end + 1);
        Ok(Some(length))
    }
}

fn parse_length(digits: &[u8]) -> Result<u64, DecodeError> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(DecodeError::BadLength);
    }
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(DecodeError::BadLength)
}

/// Frames one record.
///
/// ```
/// assert_eq!(mesos::recordio::encode(b"{}"), b"2\n{}");
/// ```
pub fn encode(record: &[u8]) -> Vec<u8> {
    let mut framed = format!("{}\n", record.len()).into_bytes();
    framed.extend_from_slice(record);
    framed
}
