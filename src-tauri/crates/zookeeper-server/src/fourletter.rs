//! The four-letter words that a server knows.

/// Those of ZooKeeper 3.8.
const KNOWN: [&[u8; 4]; 18] = [
    b"conf", b"cons", b"crst", b"dirs", b"dump", b"envi", b"gtmk", b"hash", b"isro", b"mntr", b"ruok", b"srst",
    b"srvr", b"stat", b"stmk", b"wchc", b"wchp", b"wchs",
];

/// The word that stands at the beginning of `bytes`.
pub fn known(bytes: &[u8]) -> Option<[u8; 4]> {
    let word = bytes.first_chunk::<4>()?;
    KNOWN.contains(&word).then_some(*word)
}
