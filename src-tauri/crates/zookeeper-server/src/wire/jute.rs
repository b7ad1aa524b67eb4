//! jute, ZooKeeper's binary form: big-endian numbers, buffers and strings behind a length, -1 for null.

use std::borrow::Cow;

/// Bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed")]
pub struct Malformed;

/// Reads from a slice. Never allocates more than the slice holds.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    /// A boolean: anything but 0 is true, as Java reads it.
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        Ok(self.u8()? != 0)
    }

    /// A 32 bit number.
    pub fn i32(&mut self) -> Result<i32, Malformed> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// A 64 bit number.
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    /// A 64 bit number without sign.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// A buffer, or null.
    pub fn buffer(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        match self.i32()? {
            -1 => Ok(None),
            len => Ok(Some(self.take(usize::try_from(len).map_err(|_| Malformed)?)?)),
        }
    }

    /// A string, or null. What is not UTF-8 is replaced, as Java does.
    pub fn text_or_null(&mut self) -> Result<Option<Cow<'a, str>>, Malformed> {
        Ok(self.buffer()?.map(String::from_utf8_lossy))
    }

    /// A string that must not be null.
    pub fn text(&mut self) -> Result<String, Malformed> {
        self.text_or_null()?.map(Cow::into_owned).ok_or(Malformed)
    }

    /// A list; null is empty. Each element takes at least one byte, so a lying count ends early.
    pub fn list<T>(&mut self, mut element: impl FnMut(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let count = match self.i32()? {
            -1 => 0,
            n => usize::try_from(n).map_err(|_| Malformed)?,
        };
        if count > self.rest.len() {
            return Err(Malformed);
        }
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(element(self)?);
        }
        Ok(list)
    }
}

/// Writes jute to the end of a vector.
pub trait Put {
    /// One byte.
    fn put_u8(&mut self, value: u8);
    /// Raw bytes, without a length.
    fn put_raw(&mut self, bytes: &[u8]);

    /// A boolean.
    fn put_bool(&mut self, value: bool) {
        self.put_u8(u8::from(value));
    }

    /// A 32 bit number.
    fn put_i32(&mut self, value: i32) {
        self.put_raw(&value.to_be_bytes());
    }

    /// A 64 bit number.
    fn put_i64(&mut self, value: i64) {
        self.put_raw(&value.to_be_bytes());
    }

    /// A 64 bit number without sign.
    fn put_u64(&mut self, value: u64) {
        self.put_raw(&value.to_be_bytes());
    }

    /// A length or a count. Nothing that is held in memory here reaches 2 GiB: frames are limited long before.
    fn put_len(&mut self, len: usize) {
        self.put_i32(i32::try_from(len).unwrap_or(i32::MAX));
    }

    /// A buffer, or null.
    fn put_buffer(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            None => self.put_i32(-1),
            Some(bytes) => {
                self.put_len(bytes.len());
                self.put_raw(bytes);
            }
        }
    }

    /// A string.
    fn put_text(&mut self, text: &str) {
        self.put_buffer(Some(text.as_bytes()));
    }

    /// A list of strings.
    fn put_texts<T: AsRef<str>>(&mut self, texts: &[T]) {
        self.put_len(texts.len());
        for text in texts {
            self.put_text(text.as_ref());
        }
    }
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_raw(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}
