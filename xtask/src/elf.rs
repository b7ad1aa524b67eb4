//! Whether a Linux program runs by itself.

use std::{fs, path::Path};

/// A program header that names the loader which the program needs.
const PT_INTERP: u32 = 3;

/// A program needs nothing but the kernel. The error says what it is instead.
pub fn is_static(program: &Path) -> Result<(), String> {
    let bytes = fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?;
    match interpreter(&bytes) {
        Some(false) => Ok(()),
        Some(true) => Err(format!("{} is not static: it wants a loader", program.display())),
        None => Err(format!("{} is not a 64-bit Linux program", program.display())),
    }
}

/// Whether a 64-bit little-endian ELF file names a loader; none if it is not such a file.
fn interpreter(bytes: &[u8]) -> Option<bool> {
    let number = |at: usize, length: usize| {
        let part = bytes.get(at..at.checked_add(length)?)?;
        Some(part.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)))
    };
    if bytes.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (table, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    for index in 0..count {
        let header = usize::try_from(table.checked_add(index * size)?).ok()?;
        if number(header, 4)? == u64::from(PT_INTERP) {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::interpreter;

    /// A file of one program header of this kind.
    fn program(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0; 0x40 + 0x38];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (bytes[0x20], bytes[0x36], bytes[0x38]) = (0x40, 0x38, 1);
        bytes[0x40] = kind;
        bytes
    }

    #[test]
    fn a_loader_is_seen() {
        assert_eq!(interpreter(&program(1)), Some(false));
        assert_eq!(interpreter(&program(3)), Some(true));
    }

    #[test]
    fn what_is_no_program_is_none() {
        assert_eq!(interpreter(b""), None);
        assert_eq!(interpreter(b"#!/bin/sh"), None);
        let mut torn = program(1);
        torn.truncate(0x41);
        assert_eq!(interpreter(&torn), None);
    }
}
